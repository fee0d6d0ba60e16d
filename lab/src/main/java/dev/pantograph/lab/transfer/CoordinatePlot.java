package dev.pantograph.lab.transfer;

import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.LabelColumn;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.plot.SvgPlot;
import java.util.List;

/**
 * Sizes of activations, or of their updates, at the last step of a coordinate check against the size of the model, both
 * axes logarithmic: one line for each kind of layer. Flat lines are quiet; those that are not stand out.
 */
public final class CoordinatePlot {
  private static final double WIDTH = 420;
  private static final double HEIGHT = 290;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(12, 140, 46, 56);
  private static final double LEAST_DECADES = 2;

  /** What is drawn of each layer. */
  enum Measure {
    ACTIVATION("mean |x|"), UPDATE("mean |x − x₀|");

    private final String label;

    Measure(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    List<Double> atLastStep(Layer layer) {
      return (this == ACTIVATION ? layer.activation() : layer.update()).getLast();
    }

    /** The decades that all of the checks span, for a common axis. */
    Interval decades(List<CoordinateCheckResult> checks) {
      return Interval.of(checks.stream().flatMap(check -> check.layers().stream())
          .flatMap(layer -> atLastStep(layer).stream()).mapToDouble(Math::log10)).padded(0.15).atLeast(LEAST_DECADES);
    }
  }

  private final CoordinateCheckResult check;
  private final Measure measure;
  private final Interval decades;
  private final SvgPlot plot;

  private CoordinatePlot(CoordinateCheckResult check, Measure measure, Interval decades, String id) {
    this.check = check;
    this.measure = measure;
    this.decades = decades;
    Interval positions = Interval.of(check.sizes().stream().mapToDouble(check.axis()::position));
    String rule = RuleName.of(check.parameterization());
    plot = new SvgPlot(id, "Coordinate check, %s: %s".formatted(rule, measure.label()),
        "%s at the last step against %s, one line for each kind of layer. Not flat: %s.".formatted(measure.label(),
            check.axis().label(), failing(check)),
        WIDTH, HEIGHT, MARGINS, positions.padded(Math.max(0.2, 0.05 * positions.length())), decades);
  }

  /** Sizes of activations, as a drawing on its own. */
  public static Element ofActivations(CoordinateCheckResult check) {
    return draw(check, Measure.ACTIVATION, Measure.ACTIVATION.decades(List.of(check)), "activations");
  }

  static Element draw(CoordinateCheckResult check, Measure measure, Interval decades, String id) {
    return new CoordinatePlot(check, measure, decades, id).draw();
  }

  private static String failing(CoordinateCheckResult check) {
    List<String> names = check.layers().stream().filter(layer -> !layer.flat()).map(Layer::name).toList();
    return names.isEmpty() ? "none" : String.join("; ", names);
  }

  private Element draw() {
    decades.multiples(decades.wholeStep(6)).forEach(k -> plot.yTick(k, Quantity.tenTo(Math.round(k))));
    plot.sizes(check.axis(), check.sizes());
    plot.names(check.axis().label(), measure.label());
    List<Layer> drawn = check.layers().stream()
        .filter(layer -> measure.atLastStep(layer).stream().anyMatch(value -> Double.isFinite(Math.log10(value))))
        .toList();
    double[] ends = new double[drawn.size()];
    for (int i = 0; i < drawn.size(); i++) {
      ends[i] = draw(drawn.get(i));
    }
    double[] places = LabelColumn.place(ends, 15, plot.bottom());
    for (int i = 0; i < drawn.size(); i++) {
      label(drawn.get(i), ends[i], places[i]);
    }
    return plot.svg();
  }

  /** Draws a layer and returns the height at which it ends. */
  private double draw(Layer layer) {
    Element line = Element.of("g", style(layer));
    SvgPath path = new SvgPath();
    double end = plot.bottom();
    for (int i = 0; i < check.sizes().size(); i++) {
      double decade = Math.log10(measure.atLastStep(layer).get(i));
      if (Double.isFinite(decade)) {
        double x = plot.x(check.axis().position(check.sizes().get(i)));
        end = plot.y(decade);
        path.through(x, end);
        line.add(marker(layer).at(x, end, 3.2, "point"));
      }
    }
    plot.inside(line.add(path.styled("curve")));
    return end;
  }

  private void label(Layer layer, double end, double place) {
    double last = plot.x(check.axis().position(check.sizes().getLast()));
    double x = plot.right() + 8;
    plot.above(Element.of("g", style(layer)).add(
        new SvgPath().move(last + 6, end).line(x, place).styled("leader"),
        marker(layer).at(x + 5, place, 3.2, "point"),
        Element.of("text", "label").set("x", x + 13).set("y", place + 4).text(layer.name())));
  }

  /** A layer keeps its shape in every plot of the report. */
  private Marker marker(Layer layer) {
    return Marker.of(check.layers().indexOf(layer));
  }

  private static String style(Layer layer) {
    return layer.flat() ? "layer flat" : "layer steep";
  }
}
