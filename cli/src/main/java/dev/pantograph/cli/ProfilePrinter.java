package dev.pantograph.cli;

import dev.pantograph.core.profile.KernelProfile;
import dev.pantograph.core.profile.KernelProfile.Row;
import dev.pantograph.spi.Ceilings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A profile as a table: one line for each kind and size of kernel, the longest time first. */
final class ProfilePrinter {
  private final KernelProfile profile;
  private final @Nullable Ceilings ceilings;

  /**
   * @param ceilings what speeds are a fraction of; absent means fractions are left out
   */
  ProfilePrinter(KernelProfile profile, @Nullable Ceilings ceilings) {
    this.profile = profile;
    this.ceilings = ceilings;
  }

  void print(PrintWriter out) {
    TextTable table = new TextTable("  ");
    List<String> header = cells("kernel", "calls", "ms", "share", "GFLOP/s", "of peak", "GB/s", "of copy");
    if (profile.rows().stream().anyMatch(row -> !row.explanation().isEmpty())) {
      header.add("how");
    }
    table.row(header).line();
    for (Row row : profile.rows()) {
      List<String> cells = cells(row);
      cells.add(row.explanation());
      table.row(cells);
    }
    table.line().row(cells(profile.kernels()));
    table.row(cells("outside kernels", "", milliseconds(profile.hostNanos()), share(profile.hostNanos())));
    // A whole step is slower than its kernels: the rates say by how much the host's part brings it down.
    Row kernels = profile.kernels();
    table.row(cells(new Row("whole step", "", kernels.calls(), profile.nanos(), kernels.flops(), kernels.bytes())));
    table.print(out);
    if (ceilings != null) {
      out.println(String.format(Locale.ROOT,
          "  Peak: %.0f GFLOP/s of multiply-adds on registers; copy: %.1f GB/s, read and written; both measured on the"
              + " same threads before the run.%n"
              + "  More than all of the copy bandwidth means that operands came from a cache.",
          ceilings.flopsPerSecond() * 1e-9, ceilings.bytesPerSecond() * 1e-9));
    }
    out.flush();
  }

  private List<String> cells(Row row) {
    return cells(row.label(), number("%.1f", (double) row.calls() / profile.recordings()), milliseconds(row.nanos()),
        share(row.nanos()),
        number("%.1f", row.flopsPerSecond() * 1e-9),
        ceilings == null ? "" : percent(row.flopsPerSecond() / ceilings.flopsPerSecond()),
        number("%.1f", row.bytesPerSecond() * 1e-9),
        ceilings == null ? "" : percent(row.bytesPerSecond() / ceilings.bytesPerSecond()));
  }

  /** The name on the left, figures on the right of their columns. */
  private static List<String> cells(String name, String... figures) {
    List<String> cells = new ArrayList<>(List.of(name));
    for (String figure : figures) {
      cells.add("%8s".formatted(figure));
    }
    return cells;
  }

  /** Of one step. */
  private String milliseconds(long nanos) {
    return number("%.3f", nanos * 1e-6 / profile.recordings());
  }

  private String share(long nanos) {
    return percent((double) nanos / profile.nanos());
  }

  private static String percent(double fraction) {
    return number("%.1f %%", 100 * fraction);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
