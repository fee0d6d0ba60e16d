package dev.pantograph.tck.kernels;

import dev.pantograph.spi.DType;

/**
 * How far results may lie from the same formula in float64: the only place where the kit's tolerances are made.
 *
 * @param terms length of the longest sum behind an element; 0 for element-by-element formulas; negative for same bits
 * @param magnitude bound on the size of a term, unless the element itself is greater
 */
public record Accuracy(long terms, double magnitude) {
  /** The same bits: for kernels that move or set values. */
  static final Accuracy EXACT = new Accuracy(-1, 0);

  /** Roundings of the operations around a sum: scaling, exponential, root, division. */
  private static final int OPERATIONS_AROUND = 16;
  /** A gradient is compared with differences of a forward pass that was never rounded. */
  private static final double UNROUNDED_FORWARD = 8;
  /** What central differences in float64 with a step of 10⁻⁵ are good for. */
  private static final double DIFFERENCES = 1e-7;

  private boolean isExact() {
    return terms < 0;
  }

  /**
   * Greatest distance of an element of a type from its expected value. Rounding errors of a sum of n terms in any order
   * are bounded by n²·u·term (Higham, Accuracy and Stability of Numerical Algorithms, ch. 3). Terms of either sign, as
   * here, make them smaller by a factor n, and no more is allowed, so that an error in one term shows. Storing adds one
   * rounding of the element itself; results below the normal numbers may be flushed to zero.
   */
  double tolerance(DType type, double expected) {
    if (isExact()) {
      return 0;
    }
    double size = Math.max(magnitude, Math.abs(expected));
    return (terms + OPERATIONS_AROUND) * accumulationRoundoff(type) * size
        + 2 * storageRoundoff(type) * Math.abs(expected) + leastNormal(type);
  }

  /** Whether an element is what the oracle's float64 result becomes in this type, within the tolerance. */
  public boolean agrees(DType type, double actual, double expected) {
    double rounded = Encoding.round(type, expected);
    if (isExact() || !Double.isFinite(rounded)) {
      return Double.compare(actual, rounded) == 0;
    }
    return Math.abs(actual - expected) <= tolerance(type, expected);
  }

  /**
   * Greatest distance of a gradient from central differences of the float64 forward kernel, whose results the gradient
   * has read rounded to its type.
   */
  public double toleranceOfDifferences(DType type, double expected) {
    return UNROUNDED_FORWARD * tolerance(type, expected)
        + (storageRoundoff(type) + DIFFERENCES) * Math.max(1, magnitude);
  }

  /** Unit roundoff of sums whose result is of this type; bfloat16 is accumulated in float32. */
  private static double accumulationRoundoff(DType type) {
    return switch (type) {
      case F64 -> 0x1p-53;
      case F32, BF16 -> 0x1p-24;
      case I32 -> 0;
    };
  }

  private static double storageRoundoff(DType type) {
    return type == DType.BF16 ? 0x1p-8 : accumulationRoundoff(type);
  }

  private static double leastNormal(DType type) {
    return switch (type) {
      case F64 -> Double.MIN_NORMAL;
      case F32, BF16 -> Float.MIN_NORMAL;
      case I32 -> 0;
    };
  }
}
