package dev.pantograph.jmh.gate;

import dev.pantograph.cli.TextTable;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A comparison for a person: first what differs between the two machines, then a row for each quantity, then the
 * regressions by name.
 */
public record GateTable(BenchmarkFile before, BenchmarkFile now, List<Comparison> comparisons) {

  public void print(PrintWriter out) {
    differs(out, "JDK", before.environment().java(), now.environment().java());
    differs(out, "system", before.environment().os(), now.environment().os());
    differs(out, "backend", before.environment().backend() + " " + before.environment().backendFacts(),
        now.environment().backend() + " " + now.environment().backendFacts());
    differs(out, "number of threads", before.threads(), now.threads());
    differs(out, "length of measurements", before.quick() ? "quick" : "full", now.quick() ? "quick" : "full");
    TextTable table = new TextTable("  ").row("case", "quantity", "baseline", "now", "ratio", "p", "verdict").line();
    for (Comparison one : comparisons) {
      table.row(one.name(), one.quantity(), number("%.3f", one.baseline()), number("%.3f", one.now()),
          number("%.2f", one.ratio()), number("%.4f", one.p()), one.verdict().label());
    }
    table.space().print(out);
    List<Comparison> worse = comparisons.stream().filter(one -> one.verdict() == Verdict.WORSE).toList();
    out.println(worse.isEmpty() ? "No regression."
        : "%d %s: %s".formatted(worse.size(), worse.size() == 1 ? "regression" : "regressions",
            worse.stream().map(one -> "%s (%s %.3f, was %.3f)".formatted(one.name(), one.quantity(), one.now(),
                one.baseline())).collect(Collectors.joining(", "))));
  }

  private static void differs(PrintWriter out, String what, Object before, Object now) {
    if (!Objects.equals(before, now)) {
      out.println("Note: the baseline was measured with another %s: %s, now %s".formatted(what, before, now));
    }
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }
}
