package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  private static final int LANES = Lanes.FLOATS.length();

  private static float exp(float x) {
    return VectorMath.expBelowOverflow(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
  }

  @Test
  void theExponentialIsWithinOneUlp() {
    double worst = 0;
    for (double x = VectorMath.EXP_LOWEST; x < 88; x += 0.000373) {
      float argument = (float) x;
      double exact = StrictMath.exp(argument);
      worst = Math.max(worst, Math.abs(exp(argument) - exact) / Math.ulp((float) exact));
    }
    assertThat(worst).isLessThan(1);
  }

  @Test
  void theExponentialOfExtremes() {
    assertThat(exp(0)).isEqualTo(1);
    assertThat(exp(-0f)).isEqualTo(1);
    assertThat(exp(Float.MIN_VALUE)).isEqualTo(1);
    assertThat(exp(-Float.MIN_NORMAL / 2)).isEqualTo(1);
    assertThat(exp(-87)).isZero();
    assertThat(exp(-103)).isZero();
    assertThat(exp(-Float.MAX_VALUE)).isZero();
    assertThat(exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(exp(Float.NaN)).isNaN();
  }

  /** It is written out in attention's loop (decision 010). */
  @Test
  void attentionHasTheSameExponential() {
    float[] logits = new float[CausalBlock.SIZE * CausalBlock.SIZE];
    float[] shifts = new float[CausalBlock.SIZE];
    Arrays.fill(shifts, 1.5f);
    for (int key = 0; key < CausalBlock.SIZE; key++) {
      Arrays.fill(logits, key * CausalBlock.SIZE, (key + 1) * CausalBlock.SIZE, 3 - 1.61f * key);
    }
    CausalBlock.exponentiate(logits, 0, CausalBlock.SIZE, shifts, 0);
    for (int key = 0; key < CausalBlock.SIZE; key++) {
      assertThat(logits[key * CausalBlock.SIZE + LANES - 1]).isEqualTo(exp(3 - 1.61f * key - 1.5f));
    }
  }

  private static float log(float x) {
    float[] values = new float[LANES];
    Arrays.fill(values, x);
    VectorMath.log(values, values, 0);
    return values[LANES - 1];
  }

  @Test
  void theLogarithmIsWithinOneUlp() {
    double worst = 0;
    for (double x = Float.MIN_NORMAL; x < Float.MAX_VALUE; x *= 1.00037) {
      float argument = (float) x;
      double exact = StrictMath.log(argument);
      worst = Math.max(worst, Math.abs(log(argument) - exact) / Math.ulp((float) exact));
    }
    for (int i = -1000; i < 1000; i++) {
      float argument = 1 + i * 0x1p-20f;
      double exact = StrictMath.log(argument);
      worst = Math.max(worst, Math.abs(log(argument) - exact) / Math.ulp((float) exact));
    }
    assertThat(worst).isLessThan(1);
  }

  @Test
  void theLogarithmOfExtremes() {
    assertThat(log(1)).isZero();
    assertThat(log(Float.MAX_VALUE)).isCloseTo(88.72284f, withinPercentage(1e-5));
    assertThat(log(Float.NaN)).isNaN();
    assertThat(log(Float.POSITIVE_INFINITY)).isNaN();
  }

  @Test
  void allLanesAreSummedByHalves() {
    float[] values = new float[LANES];
    for (int i = 0; i < LANES; i++) {
      values[i] = 1 + i * i * 0x1p-23f;
    }
    float[] expected = values.clone();
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        expected[i] += expected[i + half];
      }
    }
    float[] padded = new float[LANES + 3];
    System.arraycopy(values, 0, padded, 3, LANES);
    assertThat(VectorMath.sum(padded, 3)).isEqualTo(expected[0]);
  }

  @Test
  void theGreatestLaneIsFoundWhereverItIs() {
    for (int lane = 0; lane < LANES; lane++) {
      float[] values = new float[LANES];
      Arrays.fill(values, -3);
      values[lane] = -2;
      assertThat(VectorMath.max(FloatVector.fromArray(Lanes.FLOATS, values, 0))).isEqualTo(-2);
    }
  }

  @Test
  void theGreaterOfTwoVectorsIgnoresNaNInTheSecond() {
    float[] values = new float[LANES];
    values[1] = Float.NaN;
    FloatVector v = FloatVector.fromArray(Lanes.FLOATS, values, 0);
    assertThat(VectorMath.max(FloatVector.broadcast(Lanes.FLOATS, -5), v).lane(1)).isEqualTo(-5);
    assertThat(VectorMath.max(FloatVector.broadcast(Lanes.FLOATS, -5), v).lane(0)).isZero();
  }
}
