package dev.pantograph.jmh;

import static dev.pantograph.jmh.ScalingCurve.log2;

import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Ink;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.plot.SvgPlot;

/** Time of a token against size, both logarithmic: a marker for each size, the fitted power law through them. */
final class ScalingPlot {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 300;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(24, 16, 46, 62);
  /** Doublings the plot shows at least, so that noise about a constant does not look like growth. */
  private static final double LEAST_RANGE = 3;

  private ScalingPlot() {}

  static Element draw(ScalingCurve curve) {
    Interval sizes = Interval.of(curve.points().stream().mapToDouble(point -> log2(point.size()))).padded(0.3);
    Interval times = Interval.of(curve.points().stream().mapToDouble(point -> log2(point.micros()))).padded(0.4)
        .atLeast(LEAST_RANGE);
    String law = "time a token ∝ %s^%s".formatted(curve.axis(), curve.exponentInWords());
    SvgPlot plot = new SvgPlot("scaling-" + curve.axis(), "Time of a token against " + curve.axis(), law, WIDTH, HEIGHT,
        MARGINS, sizes, times);
    curve.points().forEach(point -> plot.xTick(log2(point.size()), Quantity.of(point.size(), 0)));
    times.multiples(times.wholeStep(7)).forEach(k -> plot.yTick(k, Quantity.of(Math.pow(2, k), k < 0 ? 2 : 0)));
    plot.names(curve.axis(), "µs a token");
    Element points = Element.of("g", Ink.ofRule(1));
    double meanX = curve.points().stream().mapToDouble(point -> log2(point.size())).average().orElse(0);
    double meanY = curve.points().stream().mapToDouble(point -> log2(point.micros())).average().orElse(0);
    double slope = curve.time().slope();
    points.add(new SvgPath().move(plot.x(sizes.low()), plot.y(meanY + slope * (sizes.low() - meanX)))
        .line(plot.x(sizes.high()), plot.y(meanY + slope * (sizes.high() - meanX))).styled("fit"));
    curve.points().forEach(point ->
        points.add(Marker.of(0).at(plot.x(log2(point.size())), plot.y(log2(point.micros())), 4.6, "point")));
    plot.inside(points);
    plot.above(Element.of("text", "note").set("x", plot.left()).set("y", plot.top() - 8).text(law));
    return plot.svg();
  }
}
