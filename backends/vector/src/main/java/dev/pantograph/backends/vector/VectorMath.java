package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
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

  static final float LOG2_E = 0x1.715476p0f;
  /** ln 2 in two parts; the first has few enough bits that its multiples by exponents are exact. */
  static final float MINUS_LN2_HIGH = -0x1.62e400p-1f;

  static final float MINUS_LN2_LOW = -0x1.7f7d1cp-20f;
  /**
   * Adding 1.5·2²³ rounds to the nearest integer n and leaves it in the low bits of the significand. The further 126
   * make these bits the biased exponent of 2ⁿ⁻¹; the missing factor 2 is in the polynomial's coefficients, so that n =
   * 128, the last octave below overflow, is in range.
   */
  static final float ROUND_TO_EXPONENT = 0x1.8p23f + 126;

  static final int SIGNIFICAND_BITS = 23;
  /** Below this, e^x is flushed to zero: 2ⁿ⁻¹ would leave the normal range. */
  static final float EXP_LOWEST = -86.98f;

  /** 2·e^r for |r| ≤ ½·ln 2: 2 + 2r + r²·(E2 + E3·r + …), fitted to a relative error of 3.2·10⁻⁹. */
  static final float E2 = 0.9999998807907104f;

  static final float E3 = 0.33333042263984680f;
  static final float E4 = 0.08333657681941986f;
  static final float E5 = 0.016737407073378563f;
  static final float E6 = 0.0027637877501547337f;

  /** The bits of √½. */
  private static final int SQRT_HALF = 0x3f3504f3;
  /** Of R in the logarithm, from s² on. */
  private static final float L1 = 0.6666666269302368f;

  private static final float L2 = 0.4000033736228943f;
  private static final float L3 = 0.28537237644195557f;
  private static final float L4 = 0.2358357310295105f;

  /** Lanes turned round by so many places. */
  private static final VectorShuffle<Float> TURN_8 = VectorShuffle.iota(F, 8 % F.length(), 1, true);
  private static final VectorShuffle<Float> TURN_4 = VectorShuffle.iota(F, 4 % F.length(), 1, true);
  private static final VectorShuffle<Float> TURN_2 = VectorShuffle.iota(F, 2, 1, true);
  private static final VectorShuffle<Float> TURN_1 = VectorShuffle.iota(F, 1, 1, true);

  private VectorMath() {}

  /**
   * e^x to 1 ulp for x below 88, such as a logit from which the greatest has been taken: {@code x = n·ln 2 + r} with
   * integer n, {@code e^x = 2ⁿ·e^r}, and a polynomial for e^r. Results below e^{@value #EXP_LOWEST} (1.7·10⁻³⁸) are 0.
   */
  static FloatVector expBelowOverflow(FloatVector x) {
    FloatVector shifted = x.fma(splat(LOG2_E), splat(ROUND_TO_EXPONENT));
    FloatVector n = shifted.sub(ROUND_TO_EXPONENT);
    FloatVector r = n.fma(splat(MINUS_LN2_LOW), n.fma(splat(MINUS_LN2_HIGH), x));
    FloatVector p = splat(E6).fma(r, splat(E5)).fma(r, splat(E4)).fma(r, splat(E3)).fma(r, splat(E2));
    p = p.fma(r, splat(2)).fma(r, splat(2));
    FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, SIGNIFICAND_BITS).reinterpretAsFloats();
    return p.mul(power).blend(0f, x.compare(LT, EXP_LOWEST));
  }

  /**
   * One vector of {@code out = ln x} to 1 ulp, for normal x; NaN and infinity give NaN. {@code x = 2ᵏ·(1 + f)} with 1 +
   * f from √½ to √2, and with {@code s = f/(2 + f)}, {@code ln(1 + f) = f − (½f² − s·(½f² + R(s²)))}: the form of
   * e_logf in FDLIBM (Sun Microsystems, 1993), with R fitted to a relative error of 5·10⁻¹².
   */
  static void log(float[] arguments, float[] out, int at) {
    FloatVector x = FloatVector.fromArray(F, arguments, at);
    IntVector bits = x.reinterpretAsInts();
    IntVector k = bits.sub(SQRT_HALF).lanewise(ASHR, SIGNIFICAND_BITS);
    FloatVector exponent = (FloatVector) k.convert(I2F, 0);
    FloatVector f = bits.sub(k.lanewise(LSHL, SIGNIFICAND_BITS)).reinterpretAsFloats().sub(1);
    FloatVector s = f.div(f.add(2));
    FloatVector z = s.mul(s);
    FloatVector rest = FloatVector.broadcast(F, L4).fma(z, FloatVector.broadcast(F, L3))
        .fma(z, FloatVector.broadcast(F, L2)).fma(z, FloatVector.broadcast(F, L1)).mul(z);
    FloatVector half = f.mul(0.5f).mul(f);
    FloatVector low = s.fma(half.add(rest), exponent.mul(-MINUS_LN2_LOW));
    exponent.fma(FloatVector.broadcast(F, -MINUS_LN2_HIGH), f.sub(half.sub(low))).add(x.sub(x)).intoArray(out, at);
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
