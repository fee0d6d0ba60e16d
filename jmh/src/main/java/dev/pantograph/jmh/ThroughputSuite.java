package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks.Suite;
import dev.pantograph.cli.TextTable;
import dev.pantograph.jmh.gate.CaseSamples;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;

/**
 * Kernels and training steps beside the ceilings of the machine. The roofline gives each case the least time it could
 * take, {@code max(flops / FMA peak, bytes / copy bandwidth)}; its fraction of the time taken is what is compared
 * (Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52(4), 2009).
 */
final class ThroughputSuite implements CaseSuite {
  private static final String SECONDS = "seconds";
  private static final String FLOPS = "flops";
  private static final String BYTES = "bytes";
  private static final String PEAK_FLOPS = "peakFlops";
  private static final String PEAK_BYTES = "peakBytes";
  private static final String HEAP_BYTES = "heapBytes";
  private static final String WORKSPACE_BYTES = "workspaceBytes";

  @Override
  public Suite suite() {
    return Suite.THROUGHPUT;
  }

  @Override
  public List<BenchmarkCase> cases() {
    return Stream.concat(
        TrainedModel.ALL.stream().map(TrainedModel::label).map(label ->
            new BenchmarkCase("TrainingStep " + label, TrainingStepBenchmark.class, "model", label, 0.5)),
        KernelCases.all().stream().map(KernelCase::name).map(name ->
            new BenchmarkCase(name, KernelBenchmark.class, "kernelCase", name, 0.15)))
        .toList();
  }

  @Override
  public Map<String, List<Double>> quantities(RunResult result) {
    Map<String, List<Double>> raw = CaseSuite.samples(result, SECONDS);
    Map<String, List<Double>> quantities = new TreeMap<>();
    quantities.put(SECONDS, raw.getOrDefault(SECONDS, List.of()).stream().map(rate -> 1 / rate).toList());
    for (String kept : List.of(FLOPS, BYTES, PEAK_FLOPS, PEAK_BYTES, WORKSPACE_BYTES)) {
      if (raw.containsKey(kept)) {
        quantities.put(kept, raw.get(kept));
      }
    }
    if (raw.containsKey("gc.alloc.rate.norm")) {
      quantities.put(HEAP_BYTES, raw.get("gc.alloc.rate.norm"));
    }
    quantities.put(CaseSamples.FRACTION, fractions(quantities));
    return quantities;
  }

  private static List<Double> fractions(Map<String, List<Double>> quantities) {
    List<Double> flops = quantities.getOrDefault(FLOPS, List.of());
    List<Double> fractions = new ArrayList<>();
    for (int i = 0; i < flops.size(); i++) {
      double arithmetic = flops.get(i) / quantities.getOrDefault(PEAK_FLOPS, List.of()).get(i);
      double peakBytes = quantities.getOrDefault(PEAK_BYTES, List.of()).get(i);
      double memory = peakBytes == 0 ? 0 : quantities.getOrDefault(BYTES, List.of()).get(i) / peakBytes;
      fractions.add(Math.max(arithmetic, memory));
    }
    return fractions;
  }

  @Override
  public void print(List<CaseSamples> results, PrintWriter out) {
    boolean heap = results.stream().anyMatch(one -> one.has(HEAP_BYTES));
    TextTable table = new TextTable("  ");
    List<String> header = new ArrayList<>(List.of("throughput", "", "time", "rate", "ceiling", "fraction", "spread"));
    if (heap) {
      header.add("heap/op");
    }
    table.row(header).line();
    for (CaseSamples one : results) {
      boolean arithmetic = one.median(PEAK_BYTES) == 0
          || one.median(FLOPS) / one.median(PEAK_FLOPS) >= one.median(BYTES) / one.median(PEAK_BYTES);
      String[] name = one.name().split(" ", 2);
      double[] fractions = Arrays.stream(one.of(CaseSamples.FRACTION)).sorted().toArray();
      List<String> row = new ArrayList<>(List.of(name[0], name[1], time(one.median(SECONDS)),
          arithmetic ? rate(one.median(FLOPS), "GFLOP/s") : rate(one.median(BYTES), "GB/s"),
          arithmetic ? rate(one.median(PEAK_FLOPS), "fma") : rate(one.median(PEAK_BYTES), "copy"),
          number("%.2f", one.median(CaseSamples.FRACTION)),
          number("%.2f", fractions[0]) + " to " + number("%.2f", fractions[fractions.length - 1])));
      if (heap) {
        row.add(number("%,.0f B", one.median(HEAP_BYTES)));
      }
      table.row(row);
    }
    table.print(out);
    for (CaseSamples one : results) {
      double grown = Arrays.stream(one.of(WORKSPACE_BYTES)).sum();
      if (one.has(WORKSPACE_BYTES)) {
        out.println("  %s: %s".formatted(one.name(), grown == 0 ? "warm steps took no memory off the heap"
            : number("warm steps took %,.0f bytes off the heap (expected: none)", grown)));
      }
    }
  }

  private static String time(double seconds) {
    return seconds < 1e-3 ? number("%.1f µs", seconds * 1e6) : number("%.2f ms", seconds * 1e3);
  }

  private static String rate(double perSecond, String unit) {
    return number("%.1f ", perSecond * 1e-9) + unit;
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
