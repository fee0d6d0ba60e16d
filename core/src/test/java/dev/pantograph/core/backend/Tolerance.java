package dev.pantograph.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How far a float32 result may lie from the same formula in float64.
 *
 * @param absolute greatest difference of an element
 */
record Tolerance(double absolute) {
  /** Same bits. */
  static final Tolerance EXACT = new Tolerance(0);

  private static final double UNIT_ROUNDOFF = 0x1p-24;
  /** Roundings of the operations around a sum: scaling, exponential, root, division. */
  private static final int OPERATIONS_AROUND = 16;

  /**
   * For a sum of n terms in any order, each up to {@code term} in size, that may be inexact themselves. Rounding errors
   * are bounded by n²·u·term (Higham, Accuracy and Stability of Numerical Algorithms, ch. 3). Terms of either sign, as
   * here, make them smaller by a factor n, and no more is allowed: an error in one term of the sum shows.
   */
  static Tolerance ofSum(long terms, double term) {
    return new Tolerance((terms + OPERATIONS_AROUND) * UNIT_ROUNDOFF * term);
  }

  /** For element-by-element formulas with values up to {@code size}. */
  static Tolerance ofElements(double size) {
    return ofSum(0, size);
  }

  void check(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      boolean near = actual[i] == expected[i] || Math.abs(actual[i] - expected[i]) <= absolute;
      assertThat(near).as("%s: element %d is %s, expected %s ± %s", what, i, actual[i], expected[i], absolute).isTrue();
    }
  }
}
