package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;

/** Operands that lie beyond 2³¹ elements of their buffer are found. Takes that much memory, so it must be asked for. */
record FarOperands(int number, String title, int rounds) implements KernelRule {
  static final String PROPERTY = "pantograph.tck.large";

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    if (!Boolean.getBoolean(PROPERTY)) {
      return new Outcome.Skipped("needs more than 2³¹ elements of memory; asked for by -D" + PROPERTY + "=true");
    }
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open();
        Buffer far = tested.allocate("far", Conditions.farBytes(type))) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance actual = expected.on(tested, Conditions.PLAIN.withFar(far))) {
          expected.submit();
          actual.submit();
          Findings.requireAgreement("seed " + seed, actual, expected);
        }
      }
    }
    return new Outcome.Passed();
  }
}
