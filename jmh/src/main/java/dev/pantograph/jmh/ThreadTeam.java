package dev.pantograph.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Threads that do the same thing at the same time. */
final class ThreadTeam implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  ThreadTeam(int threads) {
    this.threads = threads;
    executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
  }

  int threads() {
    return threads;
  }

  /** Does the work on every thread, each knowing its number, and returns the seconds from first start to last end. */
  double seconds(IntConsumer work) {
    AtomicInteger ready = new AtomicInteger();
    long[] start = new long[threads];
    long[] end = new long[threads];
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      running.add(executor.submit(() -> {
        // Spinning, for a thread that slept would wake later than the others.
        ready.incrementAndGet();
        while (ready.get() < threads) {
          Thread.onSpinWait();
        }
        start[thread] = System.nanoTime();
        work.accept(thread);
        end[thread] = System.nanoTime();
        return null;
      }));
    }
    try {
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring a ceiling", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (int i = 0; i < threads; i++) {
      first = Math.min(first, start[i]);
      last = Math.max(last, end[i]);
    }
    return (last - first) * 1e-9;
  }

  @Override
  public void close() {
    executor.close();
  }
}
