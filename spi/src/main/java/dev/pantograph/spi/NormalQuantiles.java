package dev.pantograph.spi;

/**
 * {@link InverseNormal#quantile} of many probabilities, with the same bits. In a block of them the centre's quotient is
 * computed for all, and the tails, 15 % of uniform numbers, are gathered and put over it. The expensive loops are over
 * one array each and without branches, so that the compiler makes vectors of them.
 */
final class NormalQuantiles {
  private static final int BLOCK = 1024;

  private static final int EXPONENT_AT = 52;
  private static final int BIAS = 1023;
  /** Added to a number's bits, this raises the exponent where the significand is above √2. */
  private static final long FROM_SQRT_2 = 0x95f64L << 32;

  /** Between these fractions, but not as close to 0, logarithms are added up in the ordinary order. */
  private static final double LEAST = 0x0.b5c29p0 - 1;

  private static final double GREATEST = 0x0.6147ap0;
  private static final double CLOSE = 0x1p-20;

  /** Probabilities, and behind them the quantile of each in the centre. */
  private final double[] centres = new double[2 * BLOCK];
  /** Where the tails are in a block. */
  private final int[] places = new int[BLOCK];
  /** Exponents, fractions and quantiles of the tails. */
  private final double[] tails = new double[3 * BLOCK];

  /** Replaces the first {@code count} probabilities, each from 10⁻¹⁰ to 1 − 10⁻¹⁰, by their quantiles. */
  void replace(double[] values, int count) {
    for (int start = 0; start < count; start += BLOCK) {
      int length = Math.min(BLOCK, count - start);
      System.arraycopy(values, start, centres, 0, length);
      centre(centres);
      System.arraycopy(centres, BLOCK, values, start, length);
      int found = findTails(length);
      splitTails(found);
      logarithm(tails, found);
      near(tails, found);
      for (int i = 0; i < found; i++) {
        values[start + places[i]] = tail(i);
      }
    }
  }

  private static void centre(double[] centres) {
    for (int i = 0; i < BLOCK; i++) {
      centres[BLOCK + i] = InverseNormal.centre(centres[i] - 0.5);
    }
  }

  private int findTails(int length) {
    int found = 0;
    for (int i = 0; i < length; i++) {
      places[found] = i;
      // Adds the sign of a difference: a branch would be foreseen wrongly too often.
      found += (int) (Double.doubleToRawLongBits(InverseNormal.SPLIT - Math.abs(centres[i] - 0.5)) >>> 63);
    }
    return found;
  }

  /** {@code min(p, 1 − p) = 2ᵏ·(1 + f)} with 1 + f from √½ to √2. */
  private void splitTails(int found) {
    for (int i = 0; i < found; i++) {
      double p = centres[places[i]];
      long bits = Double.doubleToRawLongBits(Math.min(p, 1 - p));
      long k = (bits + FROM_SQRT_2 >>> EXPONENT_AT) - BIAS;
      tails[i] = k;
      tails[BLOCK + i] = Double.longBitsToDouble(bits - (k << EXPONENT_AT)) - 1;
    }
  }

  private static void logarithm(double[] tails, int found) {
    for (int i = 0; i < found; i++) {
      tails[i] = Math.sqrt(minusLog(tails[i], tails[BLOCK + i]));
    }
  }

  private static void near(double[] tails, int found) {
    for (int i = 0; i < found; i++) {
      tails[2 * BLOCK + i] = InverseNormal.near(tails[i]);
    }
  }

  /** The quantile of a tail: where f is not {@linkplain #minusLog ordinary}, computed anew. */
  private double tail(int i) {
    double p = centres[places[i]];
    double f = tails[BLOCK + i];
    boolean ordinary = f >= LEAST && f < GREATEST && Math.abs(f) > CLOSE;
    return ordinary ? Math.copySign(tails[2 * BLOCK + i], p - 0.5) : InverseNormal.quantile(p);
  }

  /**
   * {@code −ln(2ᵏ·(1 + f))} as {@link StrictMath#log} computes it for the most part of f, which is e_log of FDLIBM (Sun
   * Microsystems, 1993), with its constants: {@code ln(1 + f) = 2s + s·R(s²)} with {@code s = f/(2 + f)}. Close to 0 and
   * in 4 % at the ends, it adds up in another order.
   */
  private static double minusLog(double k, double f) {
    double s = f / (2 + f);
    double z = s * s;
    double w = z * z;
    double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    double odd = z * (6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    double low = k * 1.90821492927058770002e-10;
    return s * (f - (odd + even)) - low - f - k * 6.93147180369123816490e-01;
  }
}
