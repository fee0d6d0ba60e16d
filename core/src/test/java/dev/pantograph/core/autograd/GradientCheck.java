package dev.pantograph.core.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.tensor.Tensor;
import java.util.function.DoubleSupplier;

/** Gradients against central finite differences {@code (f(x + h) − f(x − h)) / 2h} in float64. */
public final class GradientCheck {
  /**
   * Greatest error relative to the largest element. Truncation, h²·f‴/6, and rounding, 2⁻⁵³·f/h, both stay near 10⁻¹⁰
   * for the functions tested; a wrong formula is off by far more.
   */
  public static final double TOLERANCE = 1e-6;

  /** Near the cube root of 2⁻⁵³, where truncation and rounding balance. */
  private static final double STEP = 0x1p-17;

  private GradientCheck() {}

  /** The derivative of a function with respect to each element of a tensor, which holds its values again afterwards. */
  public static double[] centralDifferences(Tensor x, DoubleSupplier function) {
    double[] values = x.toDoubles();
    double[] derivative = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      values[i] = value + STEP;
      x.set(values);
      double above = function.getAsDouble();
      values[i] = value - STEP;
      x.set(values);
      double below = function.getAsDouble();
      values[i] = value;
      derivative[i] = (above - below) / (2 * STEP);
    }
    x.set(values);
    return derivative;
  }

  /** Fails unless the two agree, and are not zero everywhere, which would show nothing. */
  public static void assertAgree(String what, double[] gradient, double[] differences) {
    assertThat(gradient).as(what).hasSameSizeAs(differences);
    double largest = 0;
    for (double difference : differences) {
      largest = Math.max(largest, Math.abs(difference));
    }
    assertThat(largest).as("%s: largest finite difference", what).isGreaterThan(1e-6);
    for (int i = 0; i < gradient.length; i++) {
      assertThat(Math.abs(gradient[i] - differences[i]) / largest)
          .as("%s: relative error of element %d, gradient %s, finite difference %s",
              what, i, gradient[i], differences[i])
          .isLessThan(TOLERANCE);
    }
  }
}
