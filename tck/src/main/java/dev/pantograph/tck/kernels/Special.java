package dev.pantograph.tck.kernels;

import dev.pantograph.spi.DType;

/** Values at the edges of floating-point arithmetic. */
public enum Special {
  NAN,
  INFINITY,
  MINUS_INFINITY,
  MINUS_ZERO,
  DENORMAL;

  /** Whether it is an infinity. */
  public boolean isInfinite() {
    return this == INFINITY || this == MINUS_INFINITY;
  }

  double value(DType type) {
    return switch (this) {
      case NAN -> Double.NaN;
      case INFINITY -> Double.POSITIVE_INFINITY;
      case MINUS_INFINITY -> Double.NEGATIVE_INFINITY;
      case MINUS_ZERO -> -0.0;
      case DENORMAL -> type == DType.F64 ? 0x1p-1030 : 0x1p-130;
    };
  }
}
