package dev.pantograph.backends.vector;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of threads that share numbered tasks. A kernel cuts its work into tasks by shape alone, never by the
 * number of threads, and each task writes its own part of the result: who runs a task then does not show in the bits.
 *
 * <p>The caller takes part. Workers spin briefly for the next job, since kernels follow each other within microseconds,
 * and park when none comes. What a task wrote is visible to the caller when {@link #run} returns, and to all later
 * tasks.
 */
final class WorkerPool implements AutoCloseable {
  /** About a tenth of a millisecond: longer than the usual gap between kernels, too short to burden an idle machine. */
  private static final int SPINS_BEFORE_PARKING = 4_000;

  /** The part of a job with one number; {@code worker} is below {@link #threads()} and addresses scratch memory. */
  @FunctionalInterface
  interface Task {
    void run(int task, int worker);
  }

  /** One call of {@link #run}: tasks are claimed by counting up. One object, for there is one with each kernel. */
  private static final class Job {
    private static final AtomicIntegerFieldUpdater<Job> NEXT =
        AtomicIntegerFieldUpdater.newUpdater(Job.class, "next");
    private static final AtomicIntegerFieldUpdater<Job> FINISHED =
        AtomicIntegerFieldUpdater.newUpdater(Job.class, "finished");

    final Task task;
    final int tasks;
    private volatile int next;
    private volatile int finished;
    private volatile @Nullable Throwable failure;

    Job(Task task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    void work(int worker) {
      for (int i = NEXT.getAndIncrement(this); i < tasks; i = NEXT.getAndIncrement(this)) {
        if (failure == null) {
          try {
            task.run(i, worker);
          } catch (Throwable e) {
            fail(e);
          }
        }
        FINISHED.getAndIncrement(this);
      }
    }

    /** Keeps the first failure. */
    private synchronized void fail(Throwable e) {
      if (failure == null) {
        failure = e;
      }
    }

    boolean isFinished() {
      return finished == tasks;
    }
  }

  /** A thread that serves jobs until the pool is closed. */
  private final class Worker implements Runnable {
    private final int number;
    private final Thread thread;
    private volatile boolean parked;

    Worker(int number) {
      this.number = number;
      this.thread = Thread.ofPlatform().daemon().name("pantograph-vector-" + number).unstarted(this);
    }

    @Override
    public void run() {
      Job done = null;
      while (!closed) {
        Job job = awaitOther(done);
        if (job != null) {
          job.work(number);
        }
        done = job;
      }
    }

    /** The current job once it is another than the one just done; null while there is none. */
    private @Nullable Job awaitOther(@Nullable Job done) {
      for (int spins = 0; spins < SPINS_BEFORE_PARKING; spins++) {
        Job job = current;
        if (job != null && job != done) {
          return job;
        }
        Thread.onSpinWait();
      }
      // The caller publishes a job before it reads `parked`, and this thread sets `parked` before it looks for a job:
      // one of the two sees the other, so no wake-up is lost.
      parked = true;
      Job job = current;
      while ((job == null || job == done) && !closed) {
        LockSupport.park(WorkerPool.this);
        job = current;
      }
      parked = false;
      return job == done ? null : job;
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(thread);
      }
    }
  }

  private final String backend;
  private final Worker[] workers;
  private volatile @Nullable Job current;
  private volatile boolean closed;

  /** A pool of {@code threads} in all, the caller of {@link #run} included. */
  WorkerPool(int threads) {
    this(VectorBackendProvider.ID, threads);
  }

  /** The same for a backend of this name. */
  WorkerPool(String backend, int threads) {
    this.backend = backend;
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].thread.start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /**
   * Runs tasks {@code 0 … tasks−1}, each once, and returns when all are done. After a failure no further task is begun,
   * and the first failure is thrown.
   *
   * @throws IllegalStateException if the pool is closed
   */
  void run(int tasks, Task task) {
    requireOpen();
    if (tasks <= 1 || workers.length == 0) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    Job job = new Job(task, tasks);
    current = job;
    for (int i = 0; i < Math.min(workers.length, tasks - 1); i++) {
      workers[i].wake();
    }
    job.work(0);
    for (int spins = 0; !job.isFinished(); spins++) {
      if (spins < SPINS_BEFORE_PARKING) {
        Thread.onSpinWait();
      } else {
        // On an overcommitted machine the worker being waited for may need this very processor.
        Thread.yield();
      }
    }
    current = null;
    rethrow(job.failure);
  }

  /** Refuses whatever comes after {@link #close}. */
  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backend '%s' is closed".formatted(backend));
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  /** Ends the threads. No job may be running. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
    }
  }
}
