package dev.pantograph.lab.sparse;

import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Ink;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.LabelColumn;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.plot.SvgPlot;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Loss against training FLOPs at one width: one curve for each schedule, whiskers from the best to the worst seed. */
final class FlopsPlot {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 320;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(12, 124, 46, 62);

  private final List<Cell> cells;
  private final List<String> labels;
  private final SvgPlot plot;
  private final Interval losses;

  private FlopsPlot(List<Cell> cells, Interval losses) {
    this.cells = cells;
    this.losses = losses;
    labels = cells.stream().map(Cell::label).distinct().toList();
    Interval flops = Interval.of(cells.stream().mapToDouble(FlopsPlot::log2Flops));
    plot = new SvgPlot("flops-" + cells.getFirst().width(),
        "Loss against training FLOPs, width " + cells.getFirst().width(),
        String.join(" ", cells.stream().map(cell -> "%s, %s FLOPs: %s.".formatted(cell.label(),
            Quantity.scientific(cell.flops()), cell.lossInWords())).toList()),
        WIDTH, HEIGHT, MARGINS, flops.padded(Math.max(0.3, 0.08 * flops.length())), losses);
  }

  /**
   * Draws the cells of one width.
   *
   * @param losses that all widths' plots show
   */
  static Element draw(List<Cell> cells, Interval losses) {
    return new FlopsPlot(cells, losses).draw();
  }

  /** The range of all seeds' losses. */
  static Interval losses(Stream<Cell> cells) {
    Interval all = Interval.of(cells.flatMap(cell -> cell.losses().stream()).filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)).atLeast(0.1);
    return all.padded(0.05 * all.length());
  }

  private static double log2Flops(Cell cell) {
    return Math.log(cell.flops()) / Math.log(2);
  }

  private Element draw() {
    lossTicks(plot, losses);
    cells.stream().map(Cell::budgetFlops).distinct()
        .forEach(flops -> plot.xTick(Math.log(flops) / Math.log(2), Quantity.scientific(flops)));
    plot.names("training FLOPs", "validation loss, nats per token");
    double[] ends = new double[labels.size()];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = curve(i);
    }
    double[] places = LabelColumn.place(ends, 16, plot.bottom());
    double last = plot.x(cells.stream().mapToDouble(FlopsPlot::log2Flops).max().orElse(0)) + 8;
    for (int i = 0; i < ends.length; i++) {
      double x = plot.right() + 8;
      plot.above(Element.of("g", Ink.ofRule(i)).add(
          new SvgPath().move(last, ends[i]).line(x, places[i]).styled("leader"),
          Marker.of(i).at(x + 5, places[i], 3.6, "point"),
          Element.of("text", "label").set("x", x + 14).set("y", places[i] + 4).text(labels.get(i))));
    }
    return plot.svg();
  }

  /** Ticks along the losses, which all of a study's plots share. */
  static void lossTicks(SvgPlot plot, Interval losses) {
    double step = losses.niceStep(5);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    losses.multiples(step).forEach(loss -> plot.yTick(loss, Quantity.of(loss, decimals)));
  }

  /** Draws a schedule and returns the height at which it ends. */
  private double curve(int index) {
    Element layer = Element.of("g", Ink.ofRule(index));
    SvgPath path = new SvgPath();
    double end = plot.top();
    for (Cell cell : cells) {
      Double mean = cell.meanLoss();
      if (cell.label().equals(labels.get(index)) && mean != null) {
        double x = plot.x(log2Flops(cell));
        end = plot.y(mean);
        Interval seeds = Interval.of(cell.losses().stream().filter(Objects::nonNull).mapToDouble(l -> l));
        path.through(x, end);
        layer.add(new SvgPath().move(x, plot.y(seeds.low())).line(x, plot.y(seeds.high())).styled("whisker"),
            Marker.of(index).at(x, end, 3.6, cell.atEdge() ? "point edge" : "point"));
      }
    }
    plot.inside(layer.add(path.styled("curve")));
    return end;
  }
}
