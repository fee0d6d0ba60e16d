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
import java.util.Optional;

/**
 * Loss against the mean number of parameters at one width, with the fitted law along each budget: a model of N̄
 * parameters trains on as many tokens as the budget's FLOPs pay at its density.
 */
final class LawPlot {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 320;
  private static final SvgPlot.Margins MARGINS = new SvgPlot.Margins(12, 124, 46, 62);
  private static final int POINTS = 48;
  /** Room a tick's label takes. */
  private static final double LABEL = 46;

  private final Arm dense;
  private final List<Cell> cells;
  private final Optional<ParameterLaw> law;
  private final List<String> labels;
  private final Interval losses;
  private final Interval densities;
  private final SvgPlot plot;

  private LawPlot(Arm dense, List<Cell> cells, Optional<ParameterLaw> law, Interval losses) {
    this.dense = dense;
    this.cells = cells;
    this.law = law;
    this.losses = losses;
    labels = cells.stream().map(Cell::label).distinct().toList();
    densities = Interval.of(cells.stream().mapToDouble(Cell::meanDensity));
    Interval parameters = Interval.of(cells.stream().mapToDouble(cell -> log2(cell.parameters().mean())));
    plot = new SvgPlot("law-" + dense.width(), "Loss against the mean number of parameters, width " + dense.width(),
        "Points are schedules; each curve is the fitted law along one budget of FLOPs.", WIDTH, HEIGHT, MARGINS,
        parameters.padded(Math.max(0.2, 0.08 * parameters.length())), losses);
  }

  /**
   * Draws the cells of one width, and the law if there is one.
   *
   * @param dense the model of that width
   * @param losses that all widths' plots show
   */
  static Element draw(Arm dense, List<Cell> cells, Optional<ParameterLaw> law, Interval losses) {
    return new LawPlot(dense, cells, law, losses).draw();
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  private Element draw() {
    FlopsPlot.lossTicks(plot, losses);
    ticks();
    plot.names("mean number of parameters N̄", "validation loss, nats per token");
    List<Integer> budgets = cells.stream().map(Cell::budget).distinct().toList();
    law.ifPresent(found -> curves(found, budgets));
    for (Cell cell : cells) {
      Double mean = cell.meanLoss();
      if (mean != null) {
        int index = labels.indexOf(cell.label());
        plot.inside(Element.of("g", Ink.ofRule(index)).add(Marker.of(index)
            .at(plot.x(log2(cell.parameters().mean())), plot.y(mean), 3.8, "point")));
      }
    }
    return plot.svg();
  }

  /** Marks the sizes of one budget, but those whose labels would touch the one before. */
  private void ticks() {
    double free = Double.NEGATIVE_INFINITY;
    for (double size : cells.stream().filter(cell -> cell.budget() == cells.getFirst().budget())
        .mapToDouble(cell -> cell.parameters().mean()).sorted().toArray()) {
      double x = plot.x(log2(size));
      if (x >= free) {
        plot.xTick(log2(size), Quantity.scientific(size));
        free = x + LABEL;
      }
    }
  }

  private void curves(ParameterLaw found, List<Integer> budgets) {
    double[] ends = budgets.stream().mapToDouble(budget -> plot.y(loss(found, budget, densities.high()))).toArray();
    double[] places = LabelColumn.place(ends, 16, plot.bottom());
    for (int i = 0; i < ends.length; i++) {
      SvgPath path = new SvgPath();
      for (int point = 0; point <= POINTS; point++) {
        double density = densities.low() + densities.length() * point / POINTS;
        path.through(plot.x(log2(dense.parameters(density))), plot.y(loss(found, budgets.get(i), density)));
      }
      Element curve = Element.of("g", "neutral").add(path.styled("curve"));
      plot.inside(curve);
      plot.above(Element.of("g", "neutral").add(
          new SvgPath().move(plot.x(log2(dense.parameters(densities.high()))), ends[i])
              .line(plot.right() + 6, places[i]).styled("leader"),
          Quantity.scientific(dense.budgetFlops(budgets.get(i))).svg(plot.right() + 10, places[i] + 4, "note")));
    }
  }

  private double loss(ParameterLaw found, int budget, double density) {
    double perToken = dense.flops().training(density);
    return found.loss(dense.parameters(density), dense.budgetFlops(budget) / perToken);
  }
}
