package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Forward;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;

/**
 * Every gradient a kernel writes is the derivative of its forward kernel: central differences of the oracle, element by
 * element. A gradient that does not reach its operand is zero and shows.
 */
record GradientsAreDerivatives(int number, String title, int rounds) implements KernelRule {
  private static final double STEP = 1e-5;

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    int gradients = 0;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.SMALL));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance actual = expected.on(tested, Conditions.PLAIN)) {
          Forward forward = expected.forward();
          if (forward != null) {
            actual.submit();
            for (Kernel.Operand result : actual.written()) {
              View input = forward.inputs().get(result.name());
              if (input != null) {
                compare("seed " + seed, oracle, expected, forward, input, actual, result);
                gradients++;
              }
            }
          }
        }
      }
    }
    return gradients > 0 ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  private static void compare(
      String circumstances, Backend oracle, Instance expected, Forward forward, View input, Instance actual,
      Kernel.Operand result) {
    double[] at = expected.values(input);
    double[] found = actual.values(result.view());
    for (int i = 0; i < found.length; i++) {
      expected.set(input, i, at[i] + STEP);
      double above = loss(oracle, expected, forward);
      expected.set(input, i, at[i] - STEP);
      double below = loss(oracle, expected, forward);
      expected.set(input, i, at[i]);
      double derivative = (above - below) / (2 * STEP);
      double tolerance = actual.accuracy().toleranceOfDifferences(result.view().type(), derivative);
      if (!(Math.abs(found[i] - derivative) <= tolerance)) {
        throw new AssertionError("%s: %s%s is %s, the derivative is %s ± %s; %s".formatted(circumstances,
            result.name(), Findings.place(i, result.view().shape()), found[i], derivative, tolerance,
            actual.kernel()));
      }
    }
  }

  private static double loss(Backend oracle, Instance expected, Forward forward) {
    oracle.submit(forward.kernel());
    double[] out = expected.values(forward.out());
    double[] weights = forward.weights() == null ? null : expected.values(forward.weights());
    double loss = 0;
    for (int i = 0; i < out.length; i++) {
      loss += forward.scale() * (weights == null ? 1 : weights[i]) * out[i];
    }
    return loss;
  }
}
