package dev.pantograph.lab.sweep;

import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.spi.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Runs trials side by side, each on a backend of its own, and keeps every outcome the moment it is known. A trial whose
 * outcome is in the log already is not run again.
 *
 * @param <T> what tells trials apart
 * @param <O> how one ended
 */
public final class Sweep<T, O extends TrialOutcome<T>> {
  /** Trains one trial. */
  @FunctionalInterface
  public interface Runner<T, O> {
    O run(T trial, Backend backend);
  }

  private final Supplier<Backend> backends;
  private final int workers;
  private final Runner<T, O> runner;
  private final ToDoubleFunction<T> work;
  private final JsonLines<O> log;
  private final SweepProgress progress;
  private final Map<T, O> outcomes = new HashMap<>();

  /**
   * A sweep that has learnt what the log holds.
   *
   * @param backends opens a backend for one worker
   * @param work of a trial in FLOPs, for the estimate of the time left
   */
  public Sweep(Supplier<Backend> backends, int workers, Runner<T, O> runner, ToDoubleFunction<T> work,
      JsonLines<O> log, SweepProgress progress) {
    this.backends = backends;
    this.workers = workers;
    this.runner = runner;
    this.work = work;
    this.log = log;
    this.progress = progress;
    log.existing().forEach(outcome -> outcomes.put(outcome.trial(), outcome));
  }

  /** Runs the trials that have no outcome yet, the longest first, and returns when all have one. */
  public void run(List<T> trials) {
    List<T> open = trials.stream().distinct().filter(trial -> !outcomes.containsKey(trial))
        .sorted(Comparator.comparingDouble(work).reversed()).toList();
    progress.planned(open.stream().mapToDouble(work).sum(), open.size());
    int threads = Math.min(workers, open.size());
    if (threads == 0) {
      return;
    }
    var queue = new ConcurrentLinkedQueue<>(open);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory())) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(executor.submit(() -> drain(queue)));
      }
      try {
        for (Future<?> worker : running) {
          worker.get();
        }
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          case null, default -> throw new IllegalStateException(e);
        }
      } catch (InterruptedException e) {
        queue.clear();
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while training", e);
      }
    }
  }

  private void drain(Queue<T> queue) {
    try (Backend backend = backends.get()) {
      for (T trial = queue.poll(); trial != null; trial = queue.poll()) {
        progress.started(trial);
        O outcome = runner.run(trial, backend);
        log.append(outcome);
        synchronized (outcomes) {
          outcomes.put(trial, outcome);
        }
        progress.finished(outcome, work.applyAsDouble(trial));
      }
    } catch (RuntimeException | Error e) {
      // What failed here would fail, or go to waste, in the other workers too.
      queue.clear();
      throw e;
    }
  }

  /** The outcome of a trial that was run. */
  public O outcome(T trial) {
    synchronized (outcomes) {
      O outcome = outcomes.get(trial);
      if (outcome == null) {
        throw new IllegalStateException("trial was not run: " + trial);
      }
      return outcome;
    }
  }

  /** All outcomes, those of earlier sessions included. */
  public List<O> outcomes() {
    synchronized (outcomes) {
      return List.copyOf(outcomes.values());
    }
  }
}
