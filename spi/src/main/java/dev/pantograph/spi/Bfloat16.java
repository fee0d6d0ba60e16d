package dev.pantograph.spi;

/**
 * The conversion between float32 and {@link DType#BF16}: the sign, the exponent and the upper 7 of 23 fraction bits of
 * a binary32. Every bfloat16 is a float32; the other way rounds to nearest, ties to even.
 */
public final class Bfloat16 {
  private static final int QUIET = 1 << 6;

  private Bfloat16() {}

  /** The value of bfloat16 bits, exactly. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << Short.SIZE);
  }

  /**
   * The bits of the nearest bfloat16, of two equally near ones that with an even fraction. Beyond the largest finite
   * value it is infinity; a NaN stays one.
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      // The bits that make it a NaN may be among those cut off.
      return (short) (bits >>> Short.SIZE | QUIET);
    }
    // Just below half of the last place, plus one if the last place is odd: carries into it exactly when rounding up.
    int half = 0x7FFF + (bits >>> Short.SIZE & 1);
    return (short) (bits + half >>> Short.SIZE);
  }
}
