package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Limitation;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.List;
import java.util.Optional;

/**
 * The same kernel on the same operands leaves the same bits, on one backend after another.
 *
 * @param threads compute threads of each; the results of the first are compared with
 * @param repeats how often each runs it
 */
record RepeatsExactly(int number, String title, int rounds, List<Integer> threads, int repeats) implements KernelRule {
  private static final List<Sizes> SIZES = List.of(Sizes.LARGE, Sizes.ORDINARY);

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    Optional<Limitation> limitation = subject.limitations().stream()
        .filter(Limitation.ThreadsShowInBits.class::isInstance).findFirst();
    if (limitation.isPresent() && threads.stream().distinct().count() > 1) {
      return new Outcome.Skipped(limitation.get().reason());
    }
    try (Backend oracle = Subject.oracle()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, SIZES.get(round % SIZES.size())));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN)) {
          compare(subject, expected, seed);
        }
      }
    }
    return new Outcome.Passed();
  }

  private void compare(Subject subject, Instance expected, long seed) {
    List<double[]> first = null;
    for (int each : threads) {
      try (Backend tested = subject.open(each)) {
        for (int repeat = 0; repeat < repeats; repeat++) {
          try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
            actual.submit();
            if (first == null) {
              first = actual.results();
            }
            Findings.requireSameBits("seed %d, %d threads".formatted(seed, each), actual, first);
          }
        }
      }
    }
  }
}
