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
import dev.pantograph.tck.kernels.Special;
import java.util.List;

/** What a backend ran before, larger and full of NaN, does not show in what it runs next. */
record HasNoHistory(int number, String title, int rounds) implements KernelRule {

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    try (Backend oracle = Subject.oracle()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.PRIME));
        Sample earlier = kernel.sample(new Dice(seed, Sizes.LARGE));
        Conditions poisoned = Conditions.PLAIN.withSpecial(Special.NAN, round % 2);
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance history = Instance.onOracle(earlier, oracle, type, seed, poisoned)) {
          List<double[]> fresh;
          try (Backend tested = subject.open(); Instance actual = expected.on(tested, Conditions.PLAIN)) {
            actual.submit();
            fresh = actual.results();
          }
          try (Backend tested = subject.open();
              Instance before = history.on(tested, poisoned);
              Instance actual = expected.on(tested, Conditions.PLAIN)) {
            before.submit();
            actual.submit();
            Findings.requireSameBits("seed %d, after another kernel".formatted(seed), actual, fresh);
          }
        }
      }
    }
    return new Outcome.Passed();
  }
}
