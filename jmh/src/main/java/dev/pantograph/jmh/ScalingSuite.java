package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks.Suite;
import dev.pantograph.cli.TextTable;
import dev.pantograph.jmh.gate.CaseSamples;
import dev.pantograph.lab.plot.Page;
import dev.pantograph.lab.run.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;

/**
 * How the time of a token grows along width, depth, sequence length, batch and threads: a table of fitted exponents and
 * a plot of each axis.
 *
 * @param threads that compute
 * @param folder for the plots
 */
record ScalingSuite(int threads, Path folder) implements CaseSuite {
  @Override
  public Suite suite() {
    return Suite.SCALING;
  }

  @Override
  public List<BenchmarkCase> cases() {
    return ScalingPoint.all(threads).stream().map(ScalingPoint::name)
        .map(name -> new BenchmarkCase(name, ScalingBenchmark.class, "point", name, 0.3)).toList();
  }

  @Override
  public Map<String, List<Double>> quantities(RunResult result) {
    return CaseSuite.samples(result, "steps");
  }

  @Override
  public void print(List<CaseSamples> results, PrintWriter out) {
    List<ScalingCurve> curves = ScalingCurve.of(results, ScalingPoint.all(threads));
    TextTable table = new TextTable("  ")
        .row("scaling", "sizes", "µs a token", "exponent [95 %]", "of its FLOPs").line();
    for (ScalingCurve curve : curves) {
      table.row(curve.axis(), "%d to %d".formatted(curve.first().size(), curve.last().size()),
          String.format(Locale.ROOT, "%.2f to %.2f", curve.first().micros(), curve.last().micros()),
          curve.exponentInWords(), String.format(Locale.ROOT, "%+.2f", curve.flops().slope()));
    }
    table.print(out);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (ScalingCurve curve : curves) {
      WholeFile.write(folder.resolve(curve.axis() + ".svg"), Page.svg(ScalingPlot.draw(curve)));
    }
    out.println("Plots: " + folder);
  }
}
