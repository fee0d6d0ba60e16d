package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks.Suite;
import dev.pantograph.cli.TextTable;
import dev.pantograph.jmh.gate.CaseSamples;
import dev.pantograph.jmh.gate.Gate;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;

/**
 * Whether the best learning rate stays where it is: small transfer experiments whose results are the same on every run.
 * The rule made for an axis is judged by how little its optimum moves; the standard rule by how much, for an experiment
 * in which it does not move shows nothing.
 */
final class TransferSuite implements CaseSuite {
  private static final String DRIFT = "drift";
  private static final String SLOPE = "slope";
  private static final String GAP = "gap";
  private static final String CONTRAST = "contrast.";
  private static final List<String> PROPERTIES = List.of(DRIFT, SLOPE, GAP);

  @Override
  public Suite suite() {
    return Suite.TRANSFER;
  }

  @Override
  public List<BenchmarkCase> cases() {
    return TransferStudy.ALL.stream().map(TransferStudy::name)
        .map(name -> new BenchmarkCase(name, TransferBenchmark.class, "study", name, 0)).toList();
  }

  @Override
  public Map<String, List<Double>> quantities(RunResult result) {
    boolean contrast = TransferStudy.named(result.getParams().getParam("study")).rule().equals(TransferStudy.STANDARD);
    Map<String, List<Double>> quantities = new TreeMap<>();
    CaseSuite.samples(result, "seconds").forEach((name, samples) ->
        quantities.put(contrast && PROPERTIES.contains(name) ? CONTRAST + name : name, samples));
    return quantities;
  }

  @Override
  public Map<String, Gate.Property> properties() {
    return Map.of(
        DRIFT, new Gate.Property(0.15, true),
        SLOPE, new Gate.Property(0.03, true),
        GAP, new Gate.Property(0.01, true),
        CONTRAST + DRIFT, new Gate.Property(0.3, false));
  }

  @Override
  public void print(List<CaseSamples> results, PrintWriter out) {
    TextTable table = new TextTable("  ")
        .row("transfer", "drift of log2 η", "coordinate slope", "loss gap", "time").line();
    for (CaseSamples one : results) {
      table.row(one.name(), property("%+.3f", one, DRIFT), property("%.3f", one, SLOPE), property("%.4f", one, GAP),
          String.format(Locale.ROOT, "%.0f s", one.median("seconds")));
    }
    table.print(out);
  }

  private static String property(String format, CaseSamples one, String name) {
    double value = one.median(one.has(name) ? name : CONTRAST + name);
    return Double.isNaN(value) ? "diverged" : String.format(Locale.ROOT, format, value);
  }
}
