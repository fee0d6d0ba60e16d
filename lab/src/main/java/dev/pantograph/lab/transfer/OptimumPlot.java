package dev.pantograph.lab.transfer;

import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Ink;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.LabelColumn;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.plot.SvgPlot;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Drift;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Optimal learning rate against size, all rules of an axis together: a marker at the optimum of the mean curve, a faint
 * dot for each seed's own, the fitted line with the wedge of slopes in its 95 % interval, and both numbers beside it.
 */
final class OptimumPlot {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 300;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(12, 166, 46, 52);
  /** Powers of two the plot shows at least, so that noise about a constant does not look like drift. */
  private static final double LEAST_RANGE = 4;

  private final Axis axis;
  private final List<Study> studies;
  private final SvgPlot plot;

  private OptimumPlot(List<Study> studies, String id) {
    this.studies = studies;
    axis = studies.getFirst().axis();
    Interval positions = Interval.of(studies.stream().flatMap(study -> study.curves().stream())
        .mapToDouble(curve -> axis.position(curve.size())));
    Interval optima = Interval.of(studies.stream().flatMap(study -> study.curves().stream())
        .flatMapToDouble(OptimumPlot::optima));
    plot = new SvgPlot(id, "Optimal learning rate against " + axis.label(), description(studies), WIDTH, HEIGHT,
        MARGINS, positions.padded(Math.max(0.3, 0.08 * positions.length())), optima.padded(0.4).atLeast(LEAST_RANGE));
  }

  static Element draw(List<Study> studies, String id) {
    return new OptimumPlot(studies, id).draw();
  }

  private static String description(List<Study> studies) {
    return String.join(" ", studies.stream().map(study -> Verdict.of(study).sentence()).toList());
  }

  private static DoubleStream optima(Curve curve) {
    return DoubleStream.concat(DoubleStream.of(curve.optimum().log2LearningRate()),
        curve.optimum().perSeed().stream().mapToDouble(Double::doubleValue));
  }

  private Element draw() {
    plot.yPowersOfTwo();
    plot.sizes(axis, studies.getFirst().curves().stream().map(Curve::size).toList());
    plot.names(axis.label(), "optimal learning rate");
    double[] ends = new double[studies.size()];
    for (int i = 0; i < studies.size(); i++) {
      Element rule = Element.of("g", Ink.ofRule(i));
      ends[i] = draw(studies.get(i), i, rule);
      plot.inside(rule);
    }
    double middle = (plot.top() + plot.bottom()) / 2;
    double[] wanted = Arrays.stream(ends).map(end -> Double.isFinite(end) ? end : middle).toArray();
    double[] places = LabelColumn.place(wanted, 36, plot.bottom() - 18);
    for (int i = 0; i < studies.size(); i++) {
      plot.above(label(studies.get(i), i, ends[i], places[i]));
    }
    return plot.svg();
  }

  /** Draws a rule and returns the height at which it ends; NaN if it has no optimum. */
  private double draw(Study study, int index, Element layer) {
    // Rules are moved apart by a few pixels, or equal optima would hide each other.
    double aside = 7 * (index - (studies.size() - 1) / 2.0);
    double end = Verdict.hasDrift(study) ? fit(study, layer) : Double.NaN;
    for (Curve curve : study.curves()) {
      double x = plot.x(axis.position(curve.size())) + aside;
      curve.optimum().perSeed().stream().filter(Double::isFinite)
          .forEach(seed -> layer.add(Marker.CIRCLE.at(x, plot.y(seed), 2.2, "seed")));
      double optimum = curve.optimum().log2LearningRate();
      if (Double.isFinite(optimum)) {
        layer.add(Marker.of(index).at(x, plot.y(optimum), 4.6, curve.optimum().atEdge() ? "point edge" : "point"));
        end = Verdict.hasDrift(study) ? end : plot.y(optimum);
      }
    }
    return end;
  }

  /** The least-squares line, which passes through the mean of the seeds' optima, and the wedge about it. */
  private double fit(Study study, Element layer) {
    Drift drift = study.drift();
    double meanX = study.curves().stream().mapToDouble(curve -> axis.position(curve.size())).average().orElse(0);
    double meanY = study.curves().stream()
        .flatMapToDouble(curve -> curve.optimum().perSeed().stream().mapToDouble(Double::doubleValue))
        .filter(Double::isFinite).average().orElse(0);
    Interval span = Interval.of(study.curves().stream().mapToDouble(curve -> axis.position(curve.size()))).padded(0.2);
    if (drift.low() < drift.high()) {
      layer.add(new SvgPath()
          .move(plot.x(span.low()), plot.y(meanY + drift.low() * (span.low() - meanX)))
          .line(plot.x(span.high()), plot.y(meanY + drift.low() * (span.high() - meanX)))
          .line(plot.x(span.high()), plot.y(meanY + drift.high() * (span.high() - meanX)))
          .line(plot.x(span.low()), plot.y(meanY + drift.high() * (span.low() - meanX)))
          .close().styled("wedge"));
    }
    double end = plot.y(meanY + drift.perStep() * (span.high() - meanX));
    layer.add(new SvgPath().move(plot.x(span.low()), plot.y(meanY + drift.perStep() * (span.low() - meanX)))
        .line(plot.x(span.high()), end).styled("fit"));
    return end;
  }

  private Element label(Study study, int index, double end, double place) {
    double x = plot.right() + 16;
    Verdict verdict = Verdict.of(study);
    Element label = Element.of("g", Ink.ofRule(index));
    if (Double.isFinite(end)) {
      label.add(new SvgPath().move(plot.right() + 2, end).line(x - 4, place).styled("leader"));
    }
    label.add(
        Marker.of(index).at(x + 3, place, 4, "point"),
        Element.of("text", "label").set("x", x + 13).set("y", place + 4).text(RuleName.of(study.parameterization())));
    String interval = verdict.hasInterval()
        ? " [%s, %s]".formatted(Quantity.signedNumber(study.drift().low()),
            Quantity.signedNumber(study.drift().high())) : "";
    String drift = Verdict.hasDrift(study) ? Quantity.signedNumber(study.drift().perStep()) + interval : "no slope";
    return label.add(Element.of("text", "note").set("x", x + 13).set("y", place + 18).text(drift));
  }
}
