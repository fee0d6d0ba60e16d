package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** How far a float32 result may lie from the float64 one. */
record Tolerance(double absolute) {
  /** Unit roundoff of float32. */
  private static final double EPSILON = 0x1p-24;

  /** Roundings of a random sum grow with the square root of its length; this many standard deviations are allowed. */
  private static final double DEVIATIONS = 8;

  /** For sums of {@code terms} terms of size up to {@code scale}. */
  static Tolerance ofSum(long terms, double scale) {
    return new Tolerance(DEVIATIONS * Math.sqrt(Math.max(1, terms)) * EPSILON * scale);
  }

  /** Every value lies within this distance, and is a number. */
  void check(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= absolute)) {
        assertThat(actual[i]).as("%s: element %d", what, i).isCloseTo(expected[i],
            within(absolute));
      }
    }
  }
}
