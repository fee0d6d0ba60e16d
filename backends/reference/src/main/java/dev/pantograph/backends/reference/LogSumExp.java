package dev.pantograph.backends.reference;

import java.util.Arrays;

/**
 * {@code ln Σ exp(xᵢ)}, computed as {@code max + ln Σ exp(xᵢ − max)}: the same number, and no power overflows. The
 * softmax is then {@code exp(xᵢ − logSumExp)}.
 */
final class LogSumExp {
  private LogSumExp() {}

  /** Of at least one number. */
  static double of(double[] x) {
    double max = Arrays.stream(x).max().orElseThrow();
    double sum = 0;
    for (double value : x) {
      sum += Math.exp(value - max);
    }
    return max + Math.log(sum);
  }
}
