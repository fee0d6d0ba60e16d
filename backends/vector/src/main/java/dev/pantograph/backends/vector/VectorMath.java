package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float32 functions of whole vectors, made of fused multiply-adds, comparisons and bit shifts only. The Vector API has
 * exponentials and horizontal sums of its own, but their bits depend on whether a call is interpreted or compiled;
 * these give the same bits always.
 *
 * <p>Each method is short enough to be inlined: a vector that crosses a real call costs an allocation. The coefficients
 * are numbers, which the compiler keeps in registers or reads from its own table; vectors in static fields it would
 * load again after every store.
 */
final class VectorMath {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  private static final float LOG2_E = 0x1.715476p0f;
  /** ln 2 in two parts; the first has few enough bits that its multiples by exponents are exact. */
  private static final float MINUS_LN2_HIGH = -0x1.62e400p-1f;

  private static final float MINUS_LN2_LOW = -0x1.7f7d1cp-20f;
  /**
   * Adding 1.5·2²³ rounds to the nearest integer n and leaves it in the low bits of the significand. The further 126
   * make these bits the biased exponent of 2ⁿ⁻¹; the missing factor 2 is in the polynomial's coefficients, so that n =
   * 128, the last octave below overflow, is in range.
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

  /** Lanes turned round by so many places. */
  private static final VectorShuffle<Float> TURN_8 = VectorShuffle.iota(F, 8 % F.length(), 1, true);
  private static final VectorShuffle<Float> TURN_4 = VectorShuffle.iota(F, 4 % F.length(), 1, true);
  private static final VectorShuffle<Float> TURN_2 = VectorShuffle.iota(F, 2, 1, true);
  private static final VectorShuffle<Float> TURN_1 = VectorShuffle.iota(F, 1, 1, true);

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
    FloatVector shifted = x.fma(splat(LOG2_E), splat(ROUND_TO_EXPONENT));
    FloatVector n = shifted.sub(ROUND_TO_EXPONENT);
    FloatVector r = n.fma(splat(MINUS_LN2_LOW), n.fma(splat(MINUS_LN2_HIGH), x));
    FloatVector p = splat(E6).fma(r, splat(E5)).fma(r, splat(E4)).fma(r, splat(E3)).fma(r, splat(E2));
    p = p.fma(r, splat(2)).fma(r, splat(2));
    FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsFloats();
    return p.mul(power).blend(0f, x.compare(LT, EXP_LOWEST));
  }

  /** The greater of two vectors lane by lane; where {@code b} is NaN, {@code a}. Cheaper than the IEEE maximum. */
  static FloatVector max(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }

  /** Sum of the lanes in a fixed order: halves added to each other until one number is left. */
  static float sum(FloatVector v) {
    FloatVector eight = F.length() > 8 ? v.add(v.rearrange(TURN_8)) : v;
    FloatVector four = F.length() > 4 ? eight.add(eight.rearrange(TURN_4)) : eight;
    FloatVector two = four.add(four.rearrange(TURN_2));
    return two.add(two.rearrange(TURN_1)).lane(0);
  }

  /**
   * Sum of one vector's lanes, stored at {@code start}: for methods so large that a call with a vector is not inlined.
   */
  static float sum(float[] lanes, int start) {
    return sum(FloatVector.fromArray(F, lanes, start));
  }

  /** The greatest of the lanes, none of which may be NaN. */
  static float max(FloatVector v) {
    FloatVector eight = F.length() > 8 ? max(v, v.rearrange(TURN_8)) : v;
    FloatVector four = F.length() > 4 ? max(eight, eight.rearrange(TURN_4)) : eight;
    FloatVector two = max(four, four.rearrange(TURN_2));
    return max(two, two.rearrange(TURN_1)).lane(0);
  }

  /** {@link #max(FloatVector)} of one vector's lanes, stored at {@code start}. */
  static float max(float[] lanes, int start) {
    return max(FloatVector.fromArray(F, lanes, start));
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(F, value);
  }
}
