package dev.pantograph.core.testing;

import dev.pantograph.spi.Philox;
import java.util.Arrays;

/** Seeded numbers for tests, and the statistics tests make of numbers. */
public final class Numbers {
  private Numbers() {}

  /** Standard normal numbers: a function of seed and stream. */
  public static double[] normal(long seed, long stream, long count) {
    double[] values = new double[Math.toIntExact(count)];
    Arrays.setAll(values, i -> Philox.normal(seed, stream, i));
    return values;
  }

  /** Uniform integers in {@code [0, bound)}. */
  public static int[] below(int bound, long seed, long stream, long count) {
    int[] values = new int[Math.toIntExact(count)];
    Arrays.setAll(values, i -> (int) Philox.below(bound, seed, stream, i));
    return values;
  }

  public static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  public static double meanMagnitude(double[] values) {
    return Arrays.stream(values).map(Math::abs).average().orElseThrow();
  }

  public static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
  }

  public static double rms(double[] values) {
    return norm(values) / Math.sqrt(values.length);
  }

  /** Element by element, {@code a − b}. */
  public static double[] difference(double[] a, double[] b) {
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> a[i] - b[i]);
    return difference;
  }

  /** Greatest over smallest. */
  public static double spread(double[] values) {
    return Arrays.stream(values).max().orElseThrow() / Arrays.stream(values).min().orElseThrow();
  }

  /** The exponent e of the power law y ∝ xᵉ: the least-squares slope of log y over log x. */
  public static double exponent(double[] x, double[] y) {
    double meanX = Arrays.stream(x).map(Math::log).average().orElseThrow();
    double meanY = Arrays.stream(y).map(Math::log).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = Math.log(x[i]) - meanX;
      covariance += dx * (Math.log(y[i]) - meanY);
      variance += dx * dx;
    }
    return covariance / variance;
  }
}
