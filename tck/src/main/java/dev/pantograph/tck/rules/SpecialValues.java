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

/** NaN, infinities, −0 and denormals in each input reach the results they reach on the oracle, and no others. */
record SpecialValues(int number, String title, int rounds) implements KernelRule {

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    int inputs = 0;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance plain = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance counted = plain.on(tested, Conditions.PLAIN)) {
          inputs = Math.max(inputs, counted.inputs());
        }
        for (Special special : Special.values()) {
          for (int input = 0; input < inputs; input++) {
            compare(sample, oracle, tested, type, seed, Conditions.PLAIN.withSpecial(special, input));
          }
        }
      }
    }
    return inputs > 0 ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  private static void compare(
      Sample sample, Backend oracle, Backend tested, DType type, long seed, Conditions conditions) {
    try (Instance expected = Instance.onOracle(sample, oracle, type, seed, conditions);
        Instance actual = expected.on(tested, conditions)) {
      expected.submit();
      actual.submit();
      Findings.requireAgreement("seed %d, %s in input %d".formatted(seed, conditions.special(),
          conditions.specialOperand()), actual, expected,
          (found, wanted) -> sample.leeway().covers(conditions.special(), found, wanted));
    }
  }
}
