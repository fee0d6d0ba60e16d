package dev.pantograph.spi;

/** The element type of a {@link View}. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64. */
  F64(8),
  /** The upper 16 bits of a binary32. Declared; no kernel computes in it yet. */
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

  /** Whether this type holds real numbers. */
  public boolean isFloating() {
    return this != I32;
  }
}
