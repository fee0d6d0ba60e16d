package dev.pantograph.backends.reference;

/**
 * The error function {@code erf(x) = 2/√π·∫₀ˣ exp(−t²) dt} and its complement {@code erfc(x) = 1 − erf(x)} in full
 * float64 precision, by two expansions of Abramowitz &amp; Stegun, "Handbook of Mathematical Functions", 1964, section
 * 7.1. Neither has cancelling terms where it is used.
 */
final class ErrorFunction {
  /** Below, the series is used; from here on, the continued fraction. */
  private static final double SPLIT = 1;
  /** Share of a sum below which a term does not change it. */
  private static final double NEGLIGIBLE = 0x1p-55;
  /** Partial denominators that suffice for float64 at 1; the error falls as exp(−2x·√(2n)). */
  private static final int FRACTION_TERMS = 200;
  private static final int LEAST_TERMS = 10;

  private ErrorFunction() {}

  static double erf(double x) {
    if (Math.abs(x) < SPLIT) {
      return series(x);
    }
    return x < 0 ? fraction(-x) - 1 : 1 - fraction(x);
  }

  static double erfc(double x) {
    if (Math.abs(x) < SPLIT) {
      return 1 - series(x);
    }
    return x < 0 ? 2 - fraction(-x) : fraction(x);
  }

  /** Formula 7.1.6: {@code erf(x) = 2/√π·exp(−x²)·Σₙ 2ⁿ·x²ⁿ⁺¹ / (1·3·…·(2n+1))}; all terms have one sign. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > NEGLIGIBLE * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * expOfMinusSquare(x) * sum;
  }

  /**
   * Formula 7.1.14, for x &gt; 0: {@code erfc(x) = exp(−x²)/√π · 1/(x + ½/(x + 1/(x + (3/2)/(x + 2/(x + …)))))},
   * evaluated from the inside.
   */
  private static double fraction(double x) {
    double denominator = x;
    for (int n = LEAST_TERMS + (int) (FRACTION_TERMS / (x * x)); n >= 1; n--) {
      denominator = x + n / 2.0 / denominator;
    }
    return expOfMinusSquare(x) / (Math.sqrt(Math.PI) * denominator);
  }

  /** {@code exp(−x²)}, including what the rounding of x² drops: for large x that would cost several digits. */
  private static double expOfMinusSquare(double x) {
    double square = x * x;
    double power = Math.exp(-square);
    // Once the power is zero, the rest may be that of an infinite square, which is no number.
    return power == 0 ? 0 : power * (1 - Math.fma(x, x, -square));
  }
}
