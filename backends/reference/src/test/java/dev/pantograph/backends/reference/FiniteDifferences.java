package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;

/**
 * Central differences of {@code loss = Σᵢ weightᵢ·outᵢ} of a forward kernel: what a gradient kernel must compute from
 * {@code dOut = weight}. With float64 and step 10⁻⁵ they are good to about 10⁻¹⁰ where values are of order one.
 */
record FiniteDifferences(Workbench bench, Kernel forward, View out, View weight) {
  private static final double STEP = 1e-5;
  private static final Offset<Double> TOLERANCE = Offset.offset(1e-8);

  /** Checks the gradient of the loss with respect to one operand of the forward kernel. */
  void assertGradient(View operand, View actual) {
    assertThat(bench.values(actual)).containsExactly(gradient(operand), TOLERANCE);
  }

  private double[] gradient(View operand) {
    Elements elements = Elements.of(operand);
    double[] gradient = new double[Math.toIntExact(operand.elements())];
    for (int i = 0; i < gradient.length; i++) {
      double at = elements.get(i);
      elements.set(i, at + STEP);
      double above = loss();
      elements.set(i, at - STEP);
      double below = loss();
      elements.set(i, at);
      gradient[i] = (above - below) / (2 * STEP);
    }
    return gradient;
  }

  private double loss() {
    bench.run(forward);
    double sum = 0;
    for (long i = 0; i < out.elements(); i++) {
      sum += Elements.of(weight).get(i) * Elements.of(out).get(i);
    }
    return sum;
  }
}
