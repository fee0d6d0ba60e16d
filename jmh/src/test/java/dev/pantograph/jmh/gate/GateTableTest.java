package dev.pantograph.jmh.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.run.Environment;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTableTest {
  private static BenchmarkFile file(int threads) {
    return new BenchmarkFile(BenchmarkFile.FORMAT,
        new Environment("0", "25", "system", 2, 1024, "vector", Map.of()), threads, true, List.of());
  }

  private static String table(BenchmarkFile before, BenchmarkFile now, Comparison... comparisons) {
    StringWriter out = new StringWriter();
    new GateTable(before, now, List.of(comparisons)).print(new PrintWriter(out, true));
    return out.toString();
  }

  @Test
  void aRegressionIsNamedAtTheEnd() {
    String table = table(file(2), file(2),
        new Comparison("throughput", "Gelu large", "fraction", 0.5, 0.25, 0.001, Verdict.WORSE),
        new Comparison("throughput", "Copy large", "fraction", 0.5, 0.5, 0.4, Verdict.SAME));
    assertThat(table.strip().lines().toList().getLast())
        .isEqualTo("1 regression: Gelu large (fraction 0.250, was 0.500)");
    assertThat(table).contains("0.50", "WORSE").doesNotContain("Note");
  }

  @Test
  void whatMakesTheTwoHardToCompareIsSaidFirst() {
    String table = table(file(2), file(4));
    assertThat(table).startsWith("Note: the baseline was measured with another number of threads: 2, now 4");
    assertThat(table).endsWith("No regression." + System.lineSeparator());
  }
}
