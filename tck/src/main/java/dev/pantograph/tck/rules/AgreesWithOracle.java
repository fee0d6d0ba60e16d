package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.List;
import java.util.function.Predicate;

/**
 * Results are those of the float64 oracle, for certain sizes and under certain conditions.
 *
 * @param concerns which instances show what the rule is about; a kernel without any has nothing to keep
 */
record AgreesWithOracle(
    int number, String title, Sizes sizes, int rounds, List<Conditions> conditions, Predicate<Instance> concerns)
    implements KernelRule {

  AgreesWithOracle(int number, String title, Sizes sizes, int rounds) {
    this(number, title, sizes, rounds, List.of(Conditions.PLAIN), _ -> true);
  }

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    int concerned = 0;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, sizes));
        for (Conditions each : conditions) {
          try (Instance expected = Instance.onOracle(sample, oracle, type, seed, each.withInPlace(false));
              Instance actual = expected.on(tested, each)) {
            if (concerns.test(actual)) {
              expected.submit();
              actual.submit();
              Findings.requireAgreement("seed " + seed, actual, expected);
              concerned++;
            }
          }
        }
      }
    }
    return concerned > 0 ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }
}
