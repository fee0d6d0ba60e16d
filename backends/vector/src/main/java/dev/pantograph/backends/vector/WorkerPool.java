package dev.pantograph.backends.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of threads that share numbered tasks. A kernel cuts its work into tasks by shape alone, never by the number of
 * threads, and each task writes its own part of the result: who runs a task then does not show in the bits.
 *
 * <p>The caller takes part. Workers spin briefly for the next job, since kernels follow each other within microseconds, and
 * park when none comes.
 */
final class WorkerPool implements AutoCloseable {
  private static final int SPINS_BEFORE_PARKING = 20_000;

  /** The part of a job with one number; {@code worker} is below {@link #threads()} and addresses scratch memory. */
  @FunctionalInterface
  interface Task {
    void run(int task, int worker);
  }

  /** One call of {@link #run}: tasks are claimed by counting up. */
  private static final class Job {
    final Task task;
    final int tasks;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    volatile @Nullable Throwable failure;

    Job(Task task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    void work(int worker) {
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        try {
          task.run(i, worker);
        } catch (Throwable e) {
          failure = e;
        }
        finished.getAndIncrement();
      }
    }
  }

  private final Thread[] workers;
  private volatile @Nullable Job current;
  private volatile boolean closed;

  /** A pool of {@code threads} in all, the caller of {@link #run} included. */
  WorkerPool(int threads) {
    workers = new Thread[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      int worker = i + 1;
      workers[i] = Thread.ofPlatform().daemon().name("pantograph-vector-" + worker).start(() -> serve(worker));
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /** Runs tasks {@code 0 … tasks−1}, each once, and returns when all are done. The first failure is thrown again. */
  void run(int tasks, Task task) {
    if (tasks <= 1 || workers.length == 0) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    Job job = new Job(task, tasks);
    current = job;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    job.work(0);
    while (job.finished.get() < tasks) {
      Thread.onSpinWait();
    }
    current = null;
    Throwable failure = job.failure;
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private void serve(int worker) {
    Job done = null;
    int spins = 0;
    while (!closed) {
      Job job = current;
      if (job != null && job != done) {
        job.work(worker);
        done = job;
        spins = 0;
      } else if (++spins < SPINS_BEFORE_PARKING) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
  }
}
