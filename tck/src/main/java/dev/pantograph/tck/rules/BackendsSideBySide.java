package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Backends used at once, each by a thread of its own, compute the same bits as one alone. */
record BackendsSideBySide(int number, String title, int rounds) implements KernelRule {
  private static final int THREADS = 3;
  private static final int REPEATS = 4;

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    for (int round = 0; round < rounds; round++) {
      int base = round * THREADS;
      List<List<double[]>> alone = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        alone.add(results(subject, kernel, type, Seeds.of(this, base + i), () -> 0));
      }
      CyclicBarrier start = new CyclicBarrier(THREADS);
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<List<double[]>>> together = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          long seed = Seeds.of(this, base + i);
          together.add(threads.submit(
              () -> results(subject, kernel, type, seed, () -> start.await(1, TimeUnit.MINUTES))));
        }
        for (int i = 0; i < THREADS; i++) {
          requireSame(Seeds.of(this, base + i), result(together.get(i)), alone.get(i));
        }
      }
    }
    return new Outcome.Passed();
  }

  /** All results of some repeats; waits before the first. */
  private static List<double[]> results(
      Subject subject, KernelCase kernel, DType type, long seed, Callable<Integer> start) {
    List<double[]> results = new ArrayList<>();
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open();
        Instance expected = Instance.onOracle(
            kernel.sample(new Dice(seed, Sizes.ORDINARY)), oracle, type, seed, Conditions.PLAIN)) {
      start.call();
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
          actual.submit();
          results.addAll(actual.results());
        }
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a thread was interrupted while it waited for the others", e);
    }
    return results;
  }

  private static List<double[]> result(Future<List<double[]>> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new AssertionError("beside others: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static void requireSame(long seed, List<double[]> found, List<double[]> expected) {
    for (int i = 0; i < expected.size(); i++) {
      if (!Arrays.equals(found.get(i), expected.get(i))) {
        throw new AssertionError("seed %d: a backend beside others computes other bits than alone".formatted(seed));
      }
    }
  }
}
