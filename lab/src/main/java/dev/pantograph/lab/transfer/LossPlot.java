package dev.pantograph.lab.transfer;

import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Ink;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.plot.SvgPlot;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Point;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Loss against learning rate under one rule, one curve for each size: points at the mean over seeds with a whisker from
 * the best to the worst seed, and a ring with a drop line at the optimum. The base's drop line runs through the whole
 * plot, so that the others' distance from it is the drift. Runs that diverged have a place above the plot, since they
 * have no loss.
 */
final class LossPlot {
  private static final double WIDTH = 420;
  private static final double HEIGHT = 330;
  private static final double STRIP = 20;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(STRIP + 6, 12, 46, 62);

  private static final double RING = 7;

  /** Grid points to each side of an optimum that the plot should show. */
  private static final int NEIGHBOURS = 3;

  /** The axes that all rules' plots share, so that they can be compared by eye. */
  record Range(Interval log2LearningRates, Interval losses, boolean diverged) {

    static Range of(List<Study> studies) {
      List<Curve> curves = studies.stream().flatMap(study -> study.curves().stream()).toList();
      List<Point> points = curves.stream().flatMap(curve -> curve.points().stream()).toList();
      Interval rates = Interval.of(points.stream().mapToDouble(point -> log2(point.learningRate())));
      return new Range(rates.padded(0.6), losses(curves), points.stream().anyMatch(point -> point.meanLoss() == null));
    }

    /** From the lowest loss to what surrounds the optima, not to the losses of runs that came close to diverging. */
    private static Interval losses(List<Curve> curves) {
      Interval optima = Interval.of(curves.stream().mapToDouble(curve -> curve.optimum().loss()));
      Interval around = Interval.of(curves.stream().flatMapToDouble(Range::aroundOptimum));
      double reach = Math.max(optima.length(), 0.15);
      double high = Math.min(Math.max(around.high(), optima.high()), optima.high() + 3 * reach);
      double low = Math.min(optima.low(), around.low());
      return new Interval(low, Math.max(high, low + 0.05)).padded(0.04 * Math.max(high - low, 0.05));
    }

    private static DoubleStream aroundOptimum(Curve curve) {
      double optimum = curve.optimum().log2LearningRate();
      return curve.points().stream().filter(point -> Math.abs(log2(point.learningRate()) - optimum) <= NEIGHBOURS)
          .map(Point::meanLoss).filter(Objects::nonNull).mapToDouble(Double::doubleValue);
    }
  }

  private final Study study;
  private final Range range;
  private final SvgPlot plot;

  private LossPlot(Study study, Range range, String id) {
    this.study = study;
    this.range = range;
    String rule = RuleName.of(study.parameterization());
    plot = new SvgPlot(id, "Loss against learning rate, " + rule, description(study), WIDTH, HEIGHT, MARGINS,
        range.log2LearningRates(), range.losses());
  }

  static Element draw(Study study, Range range, String id) {
    return new LossPlot(study, range, id).draw();
  }

  private static String description(Study study) {
    Stream<String> optima = study.curves().stream().map(curve -> "%s %s: 2^%s".formatted(study.axis().label(),
        Quantity.size(study.axis(), curve.size()), Quantity.number(curve.optimum().log2LearningRate(), 2)));
    return "Validation loss over learning rate, one curve for each size. Optimal learning rates: "
        + String.join("; ", optima.toList()) + ".";
  }

  private Element draw() {
    plot.xPowersOfTwo();
    boolean measured = study.curves().stream().anyMatch(curve -> Double.isFinite(curve.optimum().loss()));
    double step = range.losses().niceStep(5);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    range.losses().multiples(step).forEach(loss -> plot.yTick(loss, Quantity.of(loss, decimals)));
    plot.names("learning rate", "validation loss, nats per token");
    if (range.diverged()) {
      plot.above(strip());
    }
    if (!measured) {
      plot.above(Element.of("text", "note middle").set("x", (plot.left() + plot.right()) / 2)
          .set("y", (plot.top() + plot.bottom()) / 2).text("every run diverged"));
    }
    for (int i = 0; i < study.curves().size(); i++) {
      draw(study.curves().get(i), i);
    }
    return plot.svg();
  }

  private Element strip() {
    double top = plot.top() - STRIP;
    return Element.of("g").add(
        Element.of("rect", "strip").set("x", plot.left()).set("y", top).set("width", plot.right() - plot.left())
            .set("height", STRIP - 4),
        Element.of("text", "tick-label end").set("x", plot.left() - 7).set("y", top + 12).text("diverged"));
  }

  private void draw(Curve curve, int index) {
    Marker marker = Marker.of(index);
    Element clipped = Element.of("g", Ink.ofSize(index, study.curves().size()));
    Element open = Element.of("g", Ink.ofSize(index, study.curves().size()));
    optimum(curve, index, clipped);
    clipped.add(line(curve));
    for (Point point : curve.points()) {
      Double loss = point.meanLoss();
      double x = plot.x(log2(point.learningRate()));
      if (loss == null) {
        open.add(marker.at(x + 8 * (index - (study.curves().size() - 1) / 2.0), plot.top() - STRIP / 2 - 2, 3.2,
            "diverged"));
      } else {
        clipped.add(whisker(point, x), marker.at(x, plot.y(loss), 3.2, "point"));
      }
    }
    plot.inside(clipped);
    plot.above(open);
  }

  private void optimum(Curve curve, int index, Element layer) {
    double loss = curve.optimum().loss();
    if (Double.isFinite(loss)) {
      double x = plot.x(curve.optimum().log2LearningRate());
      double y = plot.y(loss);
      layer.add(new SvgPath().move(x, index == 0 ? plot.top() : y + RING).line(x, plot.bottom())
          .styled(index == 0 ? "base" : "drop"),
          Marker.CIRCLE.at(x, y, RING, curve.optimum().atEdge() ? "ring edge" : "ring"));
    }
  }

  /** The curve through the means, with a gap where runs diverged. */
  private Element line(Curve curve) {
    SvgPath path = new SvgPath();
    boolean pen = false;
    for (Point point : curve.points()) {
      Double loss = point.meanLoss();
      if (loss != null) {
        double x = plot.x(log2(point.learningRate()));
        path = pen ? path.line(x, plot.y(loss)) : path.move(x, plot.y(loss));
      }
      pen = loss != null;
    }
    return path.styled("curve");
  }

  private Element whisker(Point point, double x) {
    Interval seeds = Interval.of(point.losses().stream().filter(Objects::nonNull).mapToDouble(Double::doubleValue));
    return new SvgPath().move(x, plot.y(seeds.low())).line(x, plot.y(seeds.high())).styled("whisker");
  }

  private static double log2(double rate) {
    return Math.log(rate) / Math.log(2);
  }
}
