package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.Sizes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * Buffers and backend can be closed right after a submission, in either order, without waiting for results; then no
 * thread of the backend is left.
 */
record ClosesWithWorkPending(int number, String title) implements BackendRule {
  private static final int THREADS = 4;
  private static final long PATIENCE_MILLIS = 5_000;
  private static final long POLL_MILLIS = 10;

  @Override
  public Outcome check(Subject subject) {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (Backend oracle = Subject.oracle()) {
      for (Subject.Served served : subject.served()) {
        try (Instance expected = Instance.onOracle(
            served.kernel().sample(new Dice(1, Sizes.LARGE)), oracle, served.type(), 1, Conditions.PLAIN)) {
          closeBuffersFirst(subject, expected);
          closeBackendFirst(subject, expected);
        }
      }
    }
    requireNoThreadBeyond(before);
    return new Outcome.Passed();
  }

  private static void closeBuffersFirst(Subject subject, Instance expected) {
    try (Backend tested = subject.open(THREADS); Instance actual = expected.on(tested, Conditions.PLAIN)) {
      actual.submit();
    } catch (RuntimeException e) {
      throw new AssertionError("buffers closed behind a submission, then the backend: " + e, e);
    }
  }

  private static void closeBackendFirst(Subject subject, Instance expected) {
    Backend tested = subject.open(THREADS);
    try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
      actual.submit();
      tested.close();
    } catch (RuntimeException e) {
      throw new AssertionError("the backend closed behind a submission, then the buffers: " + e, e);
    }
  }

  private static void requireNoThreadBeyond(Set<Thread> before) {
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    for (List<Thread> left = threadsBeyond(before); !left.isEmpty(); left = threadsBeyond(before)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("threads are left behind closed backends: "
            + left.stream().map(Thread::getName).toList());
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for threads to end", e);
      }
    }
  }

  /** Threads of the pool that all share come and go with anybody's work. */
  private static List<Thread> threadsBeyond(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .filter(thread -> !(thread instanceof ForkJoinWorkerThread worker
            && worker.getPool() == ForkJoinPool.commonPool()))
        .toList();
  }
}
