package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float32 functions of whole vectors, made of fused multiply-adds, comparisons and bit shifts only. The Vector API has
 * exponentials and horizontal sums of its own, but their bits depend on whether a call is interpreted or compiled;
 * these give the same bits always.
 *
 * <p>Each method is short enough to be inlined: a vector that crosses a real call costs an allocation. The coefficients
 * are constant vectors rather than numbers because broadcasting them, though free at run time, takes up half of what
 * the compiler is willing to inline into one method.
 */
final class VectorMath {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  private static final FloatVector LOG2_E = splat(0x1.715476p0f);
  /** ln 2 in two parts; the first has few enough bits that its multiples by exponents are exact. */
  private static final FloatVector MINUS_LN2_HIGH = splat(-0x1.62e400p-1f);

  private static final FloatVector MINUS_LN2_LOW = splat(-0x1.7f7d1cp-20f);
  /**
   * Adding 1.5·2²³ rounds to the nearest integer n and leaves it in the low bits of the significand. The further 126
   * make these bits the biased exponent of 2ⁿ⁻¹; the missing factor 2 is in the polynomial's coefficients, so that n =
   * 128, the last octave below overflow, is in range.
   */
  private static final FloatVector ROUND_TO_EXPONENT = splat(0x1.8p23f + 126);

  private static final int SIGNIFICAND_BITS = 23;
  /** Below this, e^x is flushed to zero: 2ⁿ⁻¹ would leave the normal range. */
  static final float EXP_LOWEST = -86.98f;
  /** From here on, e^x overflows whatever the rest of the argument is. */
  private static final float EXP_HIGHEST = 88.9f;

  private static final FloatVector ONE = splat(1);
  private static final FloatVector TWO = splat(2);
  /** 2·e^r for |r| ≤ ½·ln 2: 2 + 2r + r²·(E2 + E3·r + …), fitted to a relative error of 3.2·10⁻⁹. */
  private static final FloatVector E2 = splat(0.9999998807907104f);

  private static final FloatVector E3 = splat(0.33333042263984680f);
  private static final FloatVector E4 = splat(0.08333657681941986f);
  private static final FloatVector E5 = splat(0.016737407073378563f);
  private static final FloatVector E6 = splat(0.0027637877501547337f);

  /**
   * Beyond this many standard deviations the upper tail of the normal distribution is below 2·10⁻⁸ and its quotient
   * with the density is held constant.
   */
  private static final float TAIL_END = 5.5f;

  /** e^{z²/2}·(1 − Φ(z)) for 0 ≤ z ≤ {@value #TAIL_END}, fitted for the error of (1 − Φ)·max(1, z). */
  private static final FloatVector M0 = splat(0.5f);

  private static final FloatVector M1 = splat(-0.3989402949810028f);
  private static final FloatVector M2 = splat(0.24996346235275269f);
  private static final FloatVector M3 = splat(-0.1327477991580963f);
  private static final FloatVector M4 = splat(0.06175897270441055f);
  private static final FloatVector M5 = splat(-0.02521590329706669f);
  private static final FloatVector M6 = splat(0.0087670823559165f);
  private static final FloatVector M7 = splat(-0.0024541195016354322f);
  private static final FloatVector M8 = splat(0.0005148966447450221f);
  private static final FloatVector M9 = splat(-7.418326276820153e-05f);
  private static final FloatVector M10 = splat(6.438664513552794e-06f);
  private static final FloatVector M11 = splat(-2.5112163370977214e-07f);

  private VectorMath() {}

  /**
   * e^x to 1 ulp: {@code x = n·ln 2 + r} with integer n, {@code e^x = 2ⁿ·e^r}, and a polynomial for e^r. Results below
   * e^{@value #EXP_LOWEST} (1.7·10⁻³⁸) are 0.
   */
  static FloatVector exp(FloatVector x) {
    return expBelowOverflow(x.blend(EXP_HIGHEST, x.compare(GT, EXP_HIGHEST)));
  }

  /** {@link #exp} for arguments known to be below 88, such as logits from which their maximum has been taken. */
  static FloatVector expBelowOverflow(FloatVector x) {
    FloatVector shifted = x.fma(LOG2_E, ROUND_TO_EXPONENT);
    FloatVector n = shifted.sub(ROUND_TO_EXPONENT);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector p = E6.fma(r, E5).fma(r, E4).fma(r, E3).fma(r, E2);
    p = p.fma(r, TWO).fma(r, TWO);
    FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsFloats();
    return p.mul(power).blend(0f, x.compare(LT, EXP_LOWEST));
  }

  /** e^{−x²/2}: the density of the standard normal distribution without its factor 1/√(2π). */
  static FloatVector gaussian(FloatVector x) {
    return exp(x.mul(x).mul(-0.5f));
  }

  /**
   * Φ(x), the standard normal distribution function, to an absolute error of 10⁻⁷/max(1, |x|).
   *
   * @param gaussian {@link #gaussian} of x, which is at hand where the density is needed as well
   */
  static FloatVector normalCdf(FloatVector x, FloatVector gaussian) {
    FloatVector z = x.abs();
    z = z.blend(TAIL_END, z.compare(GT, TAIL_END));
    FloatVector m = M11.fma(z, M10).fma(z, M9).fma(z, M8).fma(z, M7);
    m = m.fma(z, M6).fma(z, M5).fma(z, M4).fma(z, M3);
    m = m.fma(z, M2).fma(z, M1).fma(z, M0);
    FloatVector tail = m.mul(gaussian);
    return tail.blend(ONE.sub(tail), x.compare(GT, 0f));
  }

  /** The greater of two vectors lane by lane; where {@code b} is NaN, {@code a}. Cheaper than the IEEE maximum. */
  static FloatVector max(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }

  /**
   * Sum of one vector's lanes, stored at {@code start}, in a fixed order: halves added to each other until one number
   * is left. Overwrites them. The vector comes through memory because it would be boxed wherever this call is not
   * inlined.
   */
  static float sum(float[] lanes, int start) {
    for (int half = F.length() >> 1; half > 0; half >>= 1) {
      for (int i = start; i < start + half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[start];
  }

  /** The greatest of one vector's lanes, stored at {@code start}, that is not NaN. */
  static float max(float[] lanes, int start) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = start; i < start + F.length(); i++) {
      max = lanes[i] > max ? lanes[i] : max;
    }
    return max;
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(F, value);
  }
}
