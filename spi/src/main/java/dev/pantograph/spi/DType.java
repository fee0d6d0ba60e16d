package dev.pantograph.spi;

/** The element type of a {@link View}. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64. */
  F64(8),
  /**
   * The upper 16 bits of a binary32, see {@link Bfloat16}: a way to store what is computed in {@link #F32}. Kernels say
   * which operands they take in it.
   */
  BF16(2),
  /** 32-bit two's complement integer; token indices. */
  I32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The type that numbers of this type are computed in: {@link #F32} for {@link #BF16}, else itself. */
  public DType computed() {
    return this == BF16 ? F32 : this;
  }

  /** Whether this type holds real numbers. */
  public boolean isFloating() {
    return this != I32;
  }
}
