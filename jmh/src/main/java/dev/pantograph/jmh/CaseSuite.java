package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks.Suite;
import dev.pantograph.jmh.gate.CaseSamples;
import dev.pantograph.jmh.gate.Gate;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Benchmarks that are read alike. */
interface CaseSuite {
  Suite suite();

  List<BenchmarkCase> cases();

  /** What a run of one case found, in the suite's quantities. */
  Map<String, List<Double>> quantities(RunResult result);

  /** Prints what was found. */
  void print(List<CaseSamples> results, PrintWriter out);

  /** The properties the gate judges beside fractions of a ceiling. */
  default Map<String, Gate.Property> properties() {
    return Map.of();
  }

  /** One sample of each secondary result for each iteration of each fork, and the operations per second. */
  static Map<String, List<Double>> samples(RunResult result, String primary) {
    Map<String, List<Double>> samples = new TreeMap<>();
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        add(samples, primary, iteration.getPrimaryResult());
        iteration.getSecondaryResults().forEach((label, secondary) -> add(samples, label, secondary));
      }
    }
    return samples;
  }

  private static void add(Map<String, List<Double>> samples, String label, Result<?> result) {
    samples.computeIfAbsent(label, _ -> new ArrayList<>()).add(result.getScore());
  }
}
