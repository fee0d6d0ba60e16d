package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SmoothStepTest {
  /** An approximation with the error its declaration promises. */
  private record Case(String name, SmoothStep step, double error, DoubleUnaryOperator exact) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static double tanhArgument(double x) {
    return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  private static double tanhStep(double x) {
    return 1 / (1 + StrictMath.exp(-2 * tanhArgument(x)));
  }

  private static double tanhSlope(double x) {
    double p = tanhStep(x);
    return p + x * 2 * p * (1 - p) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
  }

  static Stream<Case> steps() {
    return Stream.of(
        new Case("NORMAL", SmoothStep.NORMAL, 1.5e-7, NormalDistribution::cdf),
        new Case("NORMAL_SLOPE", SmoothStep.NORMAL_SLOPE, 2.7e-7,
            x -> NormalDistribution.cdf(x) + x * NormalDistribution.density(x)),
        new Case("TANH", SmoothStep.TANH, 1.9e-7, SmoothStepTest::tanhStep),
        new Case("TANH_SLOPE", SmoothStep.TANH_SLOPE, 2.7e-7, SmoothStepTest::tanhSlope),
        new Case("LOGISTIC", SmoothStep.LOGISTIC, 1.6e-7, x -> 1 / (1 + StrictMath.exp(-x))));
  }

  private static float at(SmoothStep step, float x) {
    return step.at(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void isWithinItsBound(Case c) {
    for (double x = -20; x < 20; x += 0.00117) {
      float argument = (float) x;
      // One rounding of a result near 1 is allowed on top of the bound.
      assertThat(Math.abs(at(c.step(), argument) - c.exact().applyAsDouble(argument)))
          .as("x = %s", argument).isLessThan(c.error() + 0x1p-24);
    }
  }

  @ParameterizedTest
  @MethodSource("steps")
  void anArrayGetsTheSameBits(Case c) {
    float[] x = new float[1024];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 512) / 37f;
    }
    float[] y = new float[x.length];
    c.step().apply(x, y, x.length);
    for (int i = 0; i < x.length; i++) {
      assertThat(y[i]).as("x = %s", x[i]).isEqualTo(at(c.step(), x[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("steps")
  void extremesAreExact(Case c) {
    assertThat(at(c.step(), 0)).isEqualTo(0.5f);
    assertThat(at(c.step(), -0f)).isEqualTo(0.5f);
    assertThat(at(c.step(), Float.MIN_VALUE)).isEqualTo(0.5f);
    for (float x : new float[] {20, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertThat(at(c.step(), x)).isEqualTo(1);
      assertThat(at(c.step(), -x)).isZero();
    }
    assertThat(at(c.step(), Float.NaN)).isNaN();
  }
}
