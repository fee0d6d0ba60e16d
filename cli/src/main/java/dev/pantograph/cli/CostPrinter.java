package dev.pantograph.cli;

import dev.pantograph.core.cost.StepCost;
import dev.pantograph.core.cost.StepCost.Row;
import dev.pantograph.spi.Prediction.Bound;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The cost of a step as a table: one line for each kind and size of kernel, the longest time first. */
final class CostPrinter {
  private final StepCost cost;

  CostPrinter(StepCost cost) {
    this.cost = cost;
  }

  void print(PrintWriter out) {
    out.println();
    out.println(cost.device().title());
    TextTable table = new TextTable("  ");
    table.row("kernel", "  calls", "   GFLOP", "      MB", "FLOP/B", "       ms", "  share", "of peak", "to dense",
        "bound").line();
    cost.rows().forEach(row -> add(table, row));
    table.line();
    add(table, cost.total());
    table.print(out);
    out.println("  Of the time, " + Arrays.stream(Bound.values()).filter(bound -> cost.seconds(bound) > 0)
        .map(bound -> number("%.0f %% ", percent(bound)) + bound.label()).collect(Collectors.joining(", ")) + ".");
    cost.device().remarks().forEach(remark -> out.println("  " + remark));
    out.flush();
  }

  private double percent(Bound bound) {
    return 100 * cost.seconds(bound) / cost.total().seconds();
  }

  private void add(TextTable table, Row row) {
    double seconds = row.seconds();
    table.row(row.label(), number("%7.0f", row.calls()), number("%8.3f", row.flops() * 1e-9),
        number("%8.2f", row.bytes() * 1e-6), number("%6.1f", (double) row.flops() / row.bytes()),
        number("%9.4f", seconds * 1e3), number("%5.1f %%", 100 * seconds / cost.total().seconds()),
        seconds == 0 ? "" : number("%5.1f %%", 100 * row.flops() / seconds / cost.device().flopsPerSecond()),
        row.secondsIfDense() == seconds ? "" : number("%6.2f ×", row.secondsIfDense() / seconds), row.bound().label());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
