package dev.pantograph.backends.vector;

/**
 * How far a float32 kernel may be from the same formula in float64. A sum of n products, in any order and with fused or
 * separate operations, is off by at most about n·u times the sum of their magnitudes, where u = 2⁻²⁴ is the unit
 * roundoff (Higham, Accuracy and Stability of Numerical Algorithms, ch. 3–4). A handful of further operations around
 * the sum add their own u each.
 */
record KernelTolerance(double relative) {
  static final double UNIT_ROUNDOFF = 0x1p-24;
  private static final int OPERATIONS_AROUND = 16;

  /** For a reduction over so many terms; 0 for element-by-element kernels. */
  static KernelTolerance ofLength(long terms) {
    return new KernelTolerance((terms + OPERATIONS_AROUND) * UNIT_ROUNDOFF);
  }

  /** Greatest allowed absolute difference where the magnitudes of the terms sum to {@code magnitude}. */
  double of(double magnitude) {
    return relative * magnitude + Float.MIN_NORMAL;
  }
}
