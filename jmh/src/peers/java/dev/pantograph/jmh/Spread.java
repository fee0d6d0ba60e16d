package dev.pantograph.jmh;

import java.util.Arrays;
import java.util.List;

/** What is told of repeated measurements: the middle one and the extremes. */
record Spread(double median, double lowest, double highest) {

  /** Of at least one sample; the median of an even number is the mean of the middle two. */
  static Spread of(List<Double> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("spread: found no samples, needed at least 1");
    }
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** The n-th root of the product: the mean that belongs to ratios. */
  static double geometricMean(double... values) {
    return Math.exp(Arrays.stream(values).map(Math::log).average().orElseThrow());
  }
}
