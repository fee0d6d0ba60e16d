package dev.pantograph.lab.plot;

import dev.pantograph.lab.scale.Axis;
import java.util.List;

/**
 * The frame of a plot: two axes with ticks and names, a layer that is cut off at the frame and one that is not.
 * Colours, line widths and fonts are the style sheet's.
 */
public final class SvgPlot {
  /** Space around the frame for labels. */
  public record Margins(double top, double right, double bottom, double left) {}

  private final Interval xs;
  private final Interval ys;
  private final double left;
  private final double right;
  private final double top;
  private final double bottom;
  private final Element svg;
  private final Element clipped;
  private final Element open = Element.of("g");
  private final Element ticks = Element.of("g");

  /**
   * An empty plot.
   *
   * @param id unique in the page
   * @param title its name, and what it shows, for those who hear the page
   */
  public SvgPlot(String id, String title, String description, double width, double height, Margins margins, Interval xs,
      Interval ys) {
    this.xs = xs;
    this.ys = ys;
    left = margins.left();
    right = width - margins.right();
    top = margins.top();
    bottom = height - margins.bottom();
    svg = Element.of("svg").set("viewBox", box(0, 0, width, height)).set("role", "img")
        .set("aria-labelledby", id + "-title " + id + "-desc");
    svg.add(Element.of("title").set("id", id + "-title").text(title),
        Element.of("desc").set("id", id + "-desc").text(description));
    // A nested svg hides what leaves it, which saves a clip path and its id.
    clipped = Element.of("svg").set("x", left).set("y", top).set("width", right - left).set("height", bottom - top)
        .set("viewBox", box(left, top, right - left, bottom - top));
  }

  public double x(double value) {
    return left + xs.share(value) * (right - left);
  }

  public double y(double value) {
    return bottom - ys.share(value) * (bottom - top);
  }

  public double left() {
    return left;
  }

  public double right() {
    return right;
  }

  public double top() {
    return top;
  }

  public double bottom() {
    return bottom;
  }

  /** Adds to what is cut off at the frame. */
  public void inside(Element... elements) {
    clipped.add(elements);
  }

  /** Adds to what may reach beyond the frame. */
  public void above(Element... elements) {
    open.add(elements);
  }

  public void xTick(double value, Quantity label) {
    ticks.add(new SvgPath().move(x(value), bottom).line(x(value), bottom + 4).styled("tick"),
        label.svg(x(value), bottom + 18, "tick-label middle"));
  }

  public void yTick(double value, Quantity label) {
    ticks.add(new SvgPath().move(left, y(value)).line(right, y(value)).styled("grid"),
        label.svg(left - 7, y(value) + 4, "tick-label end"));
  }

  /** Ticks at whole powers of two along x, of an axis that shows exponents. */
  public void xPowersOfTwo() {
    xs.multiples(xs.wholeStep(9)).forEach(k -> xTick(k, Quantity.twoTo(Math.round(k))));
  }

  /** Ticks at whole powers of two along y, of an axis that shows exponents. */
  public void yPowersOfTwo() {
    ys.multiples(ys.wholeStep(7)).forEach(k -> yTick(k, Quantity.twoTo(Math.round(k))));
  }

  /** Ticks at the sizes studied, of an axis that shows positions along an axis of scale. */
  public void sizes(Axis axis, List<Double> sizes) {
    int every = Math.ceilDiv(sizes.size(), 6);
    for (int i = 0; i < sizes.size(); i += every) {
      xTick(axis.position(sizes.get(i)), Quantity.size(axis, sizes.get(i)));
    }
  }

  public void names(String x, String y) {
    double middle = (top + bottom) / 2;
    ticks.add(Element.of("text", "axis-label middle").set("x", (left + right) / 2).set("y", bottom + 37).text(x),
        Element.of("text", "axis-label middle").set("x", 13).set("y", middle)
            .set("transform", "rotate(-90 13 " + Element.coordinate(middle) + ")").text(y));
  }

  public Element svg() {
    Element frame = new SvgPath().move(left, top).line(left, bottom).line(right, bottom).styled("frame");
    return svg.add(ticks, frame, clipped, open);
  }

  private static String box(double x, double y, double width, double height) {
    return String.join(" ", Element.coordinate(x), Element.coordinate(y), Element.coordinate(width),
        Element.coordinate(height));
  }
}
