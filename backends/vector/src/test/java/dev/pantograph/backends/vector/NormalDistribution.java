package dev.pantograph.backends.vector;

/** The standard normal distribution in float64, for comparison. */
final class NormalDistribution {
  private static final double SQRT_TWO_PI = Math.sqrt(2 * Math.PI);
  /** Beyond it the distribution function is 0 or 1 to 10⁻¹⁵. */
  private static final double END = 8;

  private NormalDistribution() {}

  static double density(double x) {
    return StrictMath.exp(-x * x / 2) / SQRT_TWO_PI;
  }

  /** {@code Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)}. */
  static double cdf(double x) {
    if (Math.abs(x) > END) {
      return x > 0 ? 1 : 0;
    }
    double term = x;
    double sum = x;
    for (int i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * density(x);
  }
}
