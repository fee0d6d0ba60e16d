package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks;
import dev.pantograph.cli.RenewedLine;
import dev.pantograph.core.backend.Backends;
import dev.pantograph.jmh.gate.BenchmarkFile;
import dev.pantograph.jmh.gate.CaseSamples;
import dev.pantograph.jmh.gate.Comparison;
import dev.pantograph.jmh.gate.Gate;
import dev.pantograph.jmh.gate.GateTable;
import dev.pantograph.jmh.gate.Verdict;
import dev.pantograph.lab.run.Environment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The suites, run by JMH. */
public final class JmhBenchmarks implements Benchmarks {

  private static CaseSuite open(Suite suite, Order order) {
    return switch (suite) {
      case THROUGHPUT -> new ThroughputSuite();
      case TRANSFER -> new TransferSuite();
      case SCALING -> new ScalingSuite(order.threads(), order.out());
    };
  }

  @Override
  public void list(Order order, PrintWriter out) {
    for (CaseSuite suite : suites(order)) {
      cases(suite, order).forEach(one -> out.println(suite.suite().label() + "  " + one.name()));
    }
  }

  @Override
  public boolean run(Order order, PrintWriter out) {
    List<CaseSuite> suites = suites(order);
    Path baseline = order.baseline();
    BenchmarkFile before = baseline == null ? null : BenchmarkFile.read(baseline);
    BenchmarkFile now = new BenchmarkFile(BenchmarkFile.FORMAT, Environment.of(Backends.discover(), order.backend()),
        order.threads(), order.quick(), measure(suites, order, out));
    for (CaseSuite suite : suites) {
      List<CaseSamples> own = now.cases().stream().filter(one -> one.suite().equals(suite.suite().label())).toList();
      if (!own.isEmpty()) {
        suite.print(own, out);
        out.println();
      }
    }
    if (order.json() != null) {
      now.write(order.json());
      out.println("Samples: " + order.json());
    }
    return before == null || holds(before, now, suites, order, out);
  }

  private static List<CaseSuite> suites(Order order) {
    List<CaseSuite> suites = order.suites().stream().map(suite -> open(suite, order)).toList();
    if (suites.stream().allMatch(suite -> cases(suite, order).isEmpty())) {
      throw new IllegalArgumentException("--filter '%s' matches none of the %d cases; --list without it shows them"
          .formatted(order.filter(), suites.stream().mapToInt(suite -> suite.cases().size()).sum()));
    }
    return suites;
  }

  private static List<BenchmarkCase> cases(CaseSuite suite, Order order) {
    return suite.cases().stream().filter(one -> order.filter().matcher(one.name()).find()).toList();
  }

  private static List<CaseSamples> measure(List<CaseSuite> suites, Order order, PrintWriter out) {
    int all = suites.stream().mapToInt(suite -> cases(suite, order).size()).sum();
    out.println("Backend '%s', %d threads, %d cases".formatted(order.backend(), order.threads(), all));
    RenewedLine line = new RenewedLine(out, order.terminal());
    CaseRunner runner = new CaseRunner(order);
    List<CaseSamples> measured = new ArrayList<>();
    long start = System.nanoTime();
    try {
      for (CaseSuite suite : suites) {
        for (BenchmarkCase one : cases(suite, order)) {
          int done = measured.size();
          double left = done == 0 ? Double.NaN : (System.nanoTime() - start) * 1e-9 * (all - done) / done;
          line.show("%3d of %d cases%s  %s".formatted(done, all,
              done == 0 ? "" : ", %s left".formatted(RenewedLine.inWords(left)), one.name()));
          measured.add(new CaseSamples(suite.suite().label(), one.name(), suite.quantities(runner.run(one))));
        }
      }
    } finally {
      line.end();
    }
    return measured;
  }

  /** Judges what was asked for now by the same part of the baseline. */
  private static boolean holds(BenchmarkFile before, BenchmarkFile now, List<CaseSuite> suites, Order order,
      PrintWriter out) {
    Map<String, Gate.Property> properties = new HashMap<>();
    suites.forEach(suite -> properties.putAll(suite.properties()));
    List<CaseSamples> asked = before.cases().stream()
        .filter(one -> suites.stream().anyMatch(suite -> suite.suite().label().equals(one.suite())))
        .filter(one -> order.filter().matcher(one.name()).find()).toList();
    List<Comparison> comparisons = new Gate(order.tolerance(), properties).compare(asked, now.cases());
    new GateTable(before, now, comparisons).print(out);
    return comparisons.stream().noneMatch(one -> one.verdict() == Verdict.WORSE);
  }
}
