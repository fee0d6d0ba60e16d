package dev.pantograph.tck.kernels;

import org.jspecify.annotations.Nullable;

/** What a kernel's contract leaves open where operands are not finite. */
public enum Leeway {
  /** Nothing. */
  NONE {
    @Override
    public boolean covers(@Nullable Special special, double found, double wanted) {
      return false;
    }
  },
  /**
   * Masked terms may be multiplied by zero instead of left out: a NaN or an infinity among them may then show where the
   * oracle has a number.
   */
  MASKED_BY_ZERO {
    @Override
    public boolean covers(@Nullable Special special, double found, double wanted) {
      return Double.isNaN(found);
    }
  },
  /** The formula is undefined at an infinity where the function has a limit, as x·Φ′(x) has: both are right. */
  LIMIT_AT_INFINITY {
    @Override
    public boolean covers(@Nullable Special special, double found, double wanted) {
      return special != null && special.isInfinite() && Double.isNaN(wanted);
    }
  };

  /** Whether a value may be found although the oracle has another one. */
  public abstract boolean covers(@Nullable Special special, double found, double wanted);
}
