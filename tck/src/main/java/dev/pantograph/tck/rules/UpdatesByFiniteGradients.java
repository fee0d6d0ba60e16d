package dev.pantograph.tck.rules;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.View;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sizes;
import java.util.List;
import java.util.Map;

/** An update of which the gradients' norm is NaN or infinite leaves every bit as it was. */
record UpdatesByFiniteGradients(int number, String title, int rounds) implements KernelRule {
  private static final List<Double> NOT_FINITE =
      List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    if (kernel.kernel() != AdamW.class) {
      return new Outcome.NothingToKeep();
    }
    int checked = 0;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        try (Instance expected = Instance.onOracle(
                kernel.sample(new Dice(seed, Sizes.ORDINARY)), oracle, type, seed, Conditions.PLAIN);
            Instance actual = expected.on(tested, Conditions.PLAIN)) {
          View squaredNorm = ((AdamW) actual.kernel()).squaredGradientNorm();
          if (squaredNorm != null) {
            checked++;
            NOT_FINITE.forEach(norm -> requireUntouched("seed %d".formatted(seed), actual, squaredNorm, norm));
          }
        }
      }
    }
    return checked > 0 ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  private static void requireUntouched(String circumstances, Instance actual, View squaredNorm, double norm) {
    actual.set(squaredNorm, 0, norm);
    Map<Buffer, byte[]> before = actual.memory();
    actual.submit();
    Findings.requireUntouched("%s, squared norm %s".formatted(circumstances, norm), actual, before);
  }
}
