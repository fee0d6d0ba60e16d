package dev.pantograph.cli;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Numbers as a person reads them: four significant digits, no trailing zeros, an exponent where zeros would be many.
 */
public final class SignificantDigits {
  private static final MathContext FOUR = new MathContext(4);
  private static final int SMALLEST_PLAIN_EXPONENT = -4;
  private static final int LARGEST_PLAIN_EXPONENT = 6;

  private SignificantDigits() {}

  /** The text of a finite number, such as {@code 0.003906}, {@code 1024} or {@code 2.5e-9}. */
  public static String of(double value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(FOUR).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= SMALLEST_PLAIN_EXPONENT && exponent <= LARGEST_PLAIN_EXPONENT) {
      return rounded.toPlainString();
    }
    return rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }
}
