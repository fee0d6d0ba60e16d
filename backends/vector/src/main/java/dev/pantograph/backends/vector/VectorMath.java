package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float32 functions of whole vectors, made of fused multiply-adds, comparisons and bit shifts only. The Vector API has
 * exponentials and horizontal sums of its own, but their bits depend on whether a call is interpreted or compiled; these
 * give the same bits always.
 *
 * <p>Each method is short enough to be inlined: a vector that crosses a real call costs an allocation.
 */
final class VectorMath {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  private static final float LOG2_E = 0x1.715476p0f;
  /** ln 2 in two parts; the first has few enough bits that its multiples by exponents are exact. */
  private static final float LN2_HIGH = 0x1.62e400p-1f;

  private static final float LN2_LOW = 0x1.7f7d1cp-20f;
  /**
   * Adding 1.5·2²³ rounds to the nearest integer n and leaves it in the low bits of the significand. The further 126 make
   * these bits the biased exponent of 2ⁿ⁻¹; the missing factor 2 is in the polynomial's coefficients, so that n = 128, the
   * last octave below overflow, is in range.
   */
  private static final float ROUND_TO_EXPONENT = 0x1.8p23f + 126;

  private static final int SIGNIFICAND_BITS = 23;
  /** Below this, e^x is flushed to zero: 2ⁿ⁻¹ would leave the normal range. */
  static final float EXP_LOWEST = -86.98f;
  /** From here on, e^x overflows whatever the rest of the argument is. */
  private static final float EXP_HIGHEST = 88.9f;

  /** 2·e^r for |r| ≤ ½·ln 2: 2 + 2r + r²·(E2 + E3·r + …), fitted to a relative error of 3.2·10⁻⁹. */
  private static final float E2 = 0.9999998807907104f;

  private static final float E3 = 0.33333042263984680f;
  private static final float E4 = 0.08333657681941986f;
  private static final float E5 = 0.016737407073378563f;
  private static final float E6 = 0.0027637877501547337f;

  /**
   * Beyond this many standard deviations the upper tail of the normal distribution is below 2·10⁻⁸ and its quotient with
   * the density is held constant.
   */
  private static final float TAIL_END = 5.5f;

  /** e^{z²/2}·(1 − Φ(z)) for 0 ≤ z ≤ {@value #TAIL_END}, fitted for the error of (1 − Φ)·max(1, z). */
  private static final float M0 = 0.5f;

  private static final float M1 = -0.3989402949810028f;
  private static final float M2 = 0.24996346235275269f;
  private static final float M3 = -0.1327477991580963f;
  private static final float M4 = 0.06175897270441055f;
  private static final float M5 = -0.02521590329706669f;
  private static final float M6 = 0.0087670823559165f;
  private static final float M7 = -0.0024541195016354322f;
  private static final float M8 = 0.0005148966447450221f;
  private static final float M9 = -7.418326276820153e-05f;
  private static final float M10 = 6.438664513552794e-06f;
  private static final float M11 = -2.5112163370977214e-07f;

  private VectorMath() {}

  /**
   * e^x to 1 ulp: {@code x = n·ln 2 + r} with integer n, {@code e^x = 2ⁿ·e^r}, and a polynomial for e^r. Results below
   * e^{@value #EXP_LOWEST} (1.7·10⁻³⁸) are 0.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.blend(EXP_HIGHEST, x.compare(GT, EXP_HIGHEST));
    FloatVector shifted = bounded.fma(splat(LOG2_E), splat(ROUND_TO_EXPONENT));
    FloatVector n = shifted.sub(ROUND_TO_EXPONENT);
    FloatVector r = n.fma(splat(-LN2_LOW), n.fma(splat(-LN2_HIGH), bounded));
    FloatVector p = splat(E6).fma(r, splat(E5)).fma(r, splat(E4)).fma(r, splat(E3)).fma(r, splat(E2));
    p = p.fma(r, splat(2)).fma(r, splat(2));
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
    FloatVector m = splat(M11).fma(z, splat(M10)).fma(z, splat(M9)).fma(z, splat(M8)).fma(z, splat(M7));
    m = m.fma(z, splat(M6)).fma(z, splat(M5)).fma(z, splat(M4)).fma(z, splat(M3));
    m = m.fma(z, splat(M2)).fma(z, splat(M1)).fma(z, splat(M0));
    FloatVector tail = m.mul(gaussian);
    return tail.blend(splat(1).sub(tail), x.compare(GT, 0f));
  }

  /** The greater of two vectors lane by lane; where {@code b} is NaN, {@code a}. Cheaper than the IEEE maximum. */
  static FloatVector max(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }

  /** Sum of the lanes in a fixed order: halves added to each other until one number is left. Overwrites {@code scratch}. */
  static float sum(FloatVector v, float[] scratch) {
    v.intoArray(scratch, 0);
    for (int half = F.length() >> 1; half > 0; half >>= 1) {
      for (int i = 0; i < half; i++) {
        scratch[i] += scratch[i + half];
      }
    }
    return scratch[0];
  }

  /** The greatest lane that is not NaN. Overwrites {@code scratch}. */
  static float max(FloatVector v, float[] scratch) {
    v.intoArray(scratch, 0);
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < F.length(); i++) {
      max = scratch[i] > max ? scratch[i] : max;
    }
    return max;
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(F, value);
  }
}
