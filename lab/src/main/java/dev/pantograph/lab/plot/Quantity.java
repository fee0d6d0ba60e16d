package dev.pantograph.lab.plot;

import dev.pantograph.lab.scale.Axis;
import java.util.Locale;

/**
 * A number as it is printed, with an exponent where it has one.
 *
 * @param text the number, or the base of the power
 * @param exponent set as a superscript; empty if there is none
 */
public record Quantity(String text, String exponent) {
  private static final String MISSING = "–";

  /** A number with so many decimals; a dash for one that is not finite. */
  public static Quantity of(double value, int decimals) {
    return new Quantity(number(value, decimals), "");
  }

  /** A number with its sign, plus included. */
  public static Quantity signed(double value) {
    return new Quantity(signedNumber(value), "");
  }

  public static Quantity twoTo(long exponent) {
    return new Quantity("2", minus(Long.toString(exponent)));
  }

  public static Quantity tenTo(long exponent) {
    return new Quantity("10", minus(Long.toString(exponent)));
  }

  /** Two significant digits times a power of ten, for counts too large to be read digit by digit. */
  public static Quantity scientific(double value) {
    int exponent = (int) Math.floor(Math.log10(value) + 1e-12);
    String leading = String.format(Locale.ROOT, "%.1f", value / Math.pow(10, exponent));
    return leading.equals("10.0") ? new Quantity("1.0·10", Integer.toString(exponent + 1))
        : new Quantity(leading + "·10", Integer.toString(exponent));
  }

  /** 2^k where the rate is a power of two, else three significant digits. */
  public static Quantity learningRate(double rate) {
    double exponent = Math.log(rate) / Math.log(2);
    if (!Double.isFinite(exponent)) {
      return new Quantity(MISSING, "");
    }
    long k = Math.round(exponent);
    return Math.abs(exponent - k) < 1e-9 ? twoTo(k) : new Quantity(significant(rate), "");
  }

  /**
   * A place on an axis of scale: a whole width or depth, or a density as a fraction where it is 1 over a whole number.
   */
  public static Quantity size(Axis axis, double size) {
    if (size == Math.rint(size)) {
      return new Quantity(String.format(Locale.ROOT, "%.0f", size), "");
    }
    double inverse = 1 / size;
    if (axis == Axis.DENSITY && Math.abs(inverse - Math.rint(inverse)) < 1e-9) {
      return new Quantity(String.format(Locale.ROOT, "1/%.0f", inverse), "");
    }
    return new Quantity(significant(size), "");
  }

  public static String number(double value, int decimals) {
    return Double.isFinite(value) ? minus(String.format(Locale.ROOT, "%." + decimals + "f", value)) : MISSING;
  }

  public static String signedNumber(double value) {
    return Double.isFinite(value) ? minus(String.format(Locale.ROOT, "%+.2f", value)) : MISSING;
  }

  /** A number as it is written in a configuration, without a needless fraction. */
  public static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** A whole number with thin spaces between its thousands. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u2009');
  }

  /** A time as a person says it. */
  public static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 60 ? minutes + " min" : "%d h %d min".formatted(minutes / 60, minutes % 60);
  }

  /** The number inside a page's text. */
  public Element html(String element, String styleClass) {
    Element html = Element.of(element, styleClass).text(text);
    return exponent.isEmpty() ? html : html.add(Element.of("sup").text(exponent));
  }

  /** The number as a text of a plot. */
  public Element svg(double x, double y, String styleClass) {
    Element svg = Element.of("text", styleClass).set("x", x).set("y", y).text(text);
    return exponent.isEmpty() ? svg : svg.add(Element.of("tspan", "sup").set("dy", -4).text(exponent));
  }

  /** The number in plain text. */
  @Override
  public String toString() {
    return exponent.isEmpty() ? text : text + "^" + exponent;
  }

  /** Three significant digits. */
  public static String significant(double value) {
    return Double.isFinite(value) ? minus(String.format(Locale.ROOT, "%.3g", value)) : MISSING;
  }

  /** Print's minus, which is as wide as a plus; zero has no sign. */
  private static String minus(String number) {
    return number.replaceFirst("^[-+](?=[0.]*$)", "").replace('-', '−');
  }
}
