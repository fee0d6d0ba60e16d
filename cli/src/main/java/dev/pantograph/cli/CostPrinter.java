package dev.pantograph.cli;

import dev.pantograph.core.cost.Device;
import dev.pantograph.core.cost.KernelCost.Bound;
import dev.pantograph.core.cost.StepCost;
import dev.pantograph.core.cost.StepCost.Row;
import java.io.PrintWriter;
import java.util.Locale;

/** The cost of a step as a table: one line for each kind and size of kernel, the longest time first. */
final class CostPrinter {
  private final StepCost cost;

  CostPrinter(StepCost cost) {
    this.cost = cost;
  }

  void print(PrintWriter out) {
    Device device = cost.device();
    out.println(String.format(Locale.ROOT,
        "%nLeast time of one step's kernels on '%s' (%.4g FLOP/s, %.4g bytes/s, %.3g s between kernels)",
        device.name(), device.flopsPerSecond(), device.bytesPerSecond(), device.secondsPerKernel()));
    TextTable table = new TextTable("  ");
    table.row("kernel", "  calls", "   GFLOP", "      MB", "FLOP/B", "      ms", " share", "bound").line();
    cost.rows().forEach(row -> add(table, row));
    table.line();
    add(table, cost.total());
    table.print(out);
    out.println(String.format(Locale.ROOT, "  Of the time, %.0f %% is arithmetic, %.0f %% memory, %.0f %% launches.",
        percent(Bound.COMPUTE), percent(Bound.MEMORY), percent(Bound.LAUNCH)));
    out.flush();
  }

  private double percent(Bound bound) {
    return 100 * cost.seconds(bound) / cost.total().seconds();
  }

  private void add(TextTable table, Row row) {
    table.row(row.label(), number("%7.0f", row.calls()), number("%8.3f", row.flops() * 1e-9),
        number("%8.2f", row.bytes() * 1e-6), number("%6.1f", (double) row.flops() / row.bytes()),
        number("%8.4f", row.seconds() * 1e3), number("%4.1f %%", 100 * row.seconds() / cost.total().seconds()),
        row.bound().name().toLowerCase(Locale.ROOT));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
