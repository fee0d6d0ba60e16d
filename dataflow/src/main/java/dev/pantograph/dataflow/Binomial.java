package dev.pantograph.dataflow;

/** How many of n weights are there if each is by chance p: the distribution where it is not negligible. */
final class Binomial {
  /** Beside 1. */
  private static final double NEGLIGIBLE = 1e-18;

  private final long first;
  private final double[] cumulative;

  Binomial(long n, double p) {
    if (p >= 1) {
      first = n;
      cumulative = new double[] {1};
      return;
    }
    long mode = Math.min(n, (long) ((n + 1) * p));
    double odds = p / (1 - p);
    long low = mode;
    for (double weight = 1; low > 0 && weight > NEGLIGIBLE; low--) {
      weight *= low / ((n - low + 1) * odds);
    }
    long high = mode;
    for (double weight = 1; high < n && weight > NEGLIGIBLE; high++) {
      weight *= (n - high) * odds / (high + 1);
    }
    first = low;
    cumulative = new double[(int) (high - low + 1)];
    cumulative[(int) (mode - low)] = 1;
    for (long k = mode; k > low; k--) {
      cumulative[(int) (k - 1 - low)] = cumulative[(int) (k - low)] * k / ((n - k + 1) * odds);
    }
    for (long k = mode; k < high; k++) {
      cumulative[(int) (k + 1 - low)] = cumulative[(int) (k - low)] * (n - k) * odds / (k + 1);
    }
    double sum = 0;
    for (int i = 0; i < cumulative.length; i++) {
      sum += cumulative[i];
      cumulative[i] = sum;
    }
    for (int i = 0; i < cumulative.length; i++) {
      cumulative[i] /= sum;
    }
  }

  private double atMost(long k) {
    return k < first ? 0 : k - first >= cumulative.length ? 1 : cumulative[(int) (k - first)];
  }

  private long last() {
    return first + cumulative.length - 1;
  }

  /** Of the greatest of so many independent numbers of two kinds: {@code Σₖ 1 − F(k)^count·G(k)^otherCount}. */
  static double expectedMaximum(Binomial one, long count, Binomial other, long otherCount) {
    long from = Math.min(one.first, other.first);
    long to = Math.max(one.last(), other.last());
    double sum = from;
    for (long k = to - 1; k >= from; k--) {
      double all = Math.pow(one.atMost(k), count) * Math.pow(other.atMost(k), otherCount);
      sum += 1 - all;
      if (all < NEGLIGIBLE) {
        return sum + k - from;
      }
    }
    return sum;
  }
}
