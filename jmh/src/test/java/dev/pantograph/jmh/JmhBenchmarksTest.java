package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.cli.Benchmarks;
import dev.pantograph.cli.Benchmarks.Order;
import dev.pantograph.cli.Benchmarks.Suite;
import dev.pantograph.jmh.gate.BenchmarkFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JmhBenchmarksTest {
  private static Order order(List<Suite> suites, String filter, @Nullable Path baseline) {
    return new Order(suites, Pattern.compile(filter), "vector", 2, true, false, null, baseline, 0.1, Path.of("unused"),
        false);
  }

  private static List<String> list(List<Suite> suites, String filter) {
    StringWriter out = new StringWriter();
    new JmhBenchmarks().list(order(suites, filter, null), new PrintWriter(out, true));
    return out.toString().lines().toList();
  }

  @Test
  void theCommandFindsTheSuites() {
    assertThat(ServiceLoader.load(Benchmarks.class).findFirst()).containsInstanceOf(JmhBenchmarks.class);
  }

  @Test
  void everySuiteListsItsCasesByName() {
    for (Suite suite : Suite.values()) {
      assertThat(list(List.of(suite), "")).doesNotHaveDuplicates().hasSizeGreaterThan(5)
          .allMatch(line -> line.startsWith(suite.label() + "  "));
    }
  }

  @Test
  void theFilterIsFoundAnywhereInAName() {
    assertThat(list(Arrays.asList(Suite.values()), "(?i)norm.* large|mup"))
        .contains("throughput  NormGradient large", "transfer  width mup").noneMatch(line -> line.contains("Gelu"));
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeAnythingIs() {
    StringWriter out = new StringWriter();
    JmhBenchmarks benchmarks = new JmhBenchmarks();
    assertThatThrownBy(() -> benchmarks.run(order(List.of(Suite.TRANSFER), "nope", null), new PrintWriter(out)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'nope' matches none of the 6 cases");
    assertThatThrownBy(() ->
        benchmarks.run(order(List.of(Suite.THROUGHPUT), "", Path.of("missing.json")), new PrintWriter(out)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("missing.json");
    assertThat(out.toString()).isEmpty();
  }

  /** A baseline whose cases were renamed would guard nothing and say so in a line nobody reads. */
  @Test
  void theCommittedBaselineHoldsCasesThatExist() {
    BenchmarkFile baseline = BenchmarkFile.read(Path.of("baselines", "smoke.json"));
    List<String> known = list(List.of(Suite.THROUGHPUT), "");
    assertThat(baseline.cases()).isNotEmpty()
        .allSatisfy(one -> assertThat(known).contains(one.suite() + "  " + one.name()));
  }
}
