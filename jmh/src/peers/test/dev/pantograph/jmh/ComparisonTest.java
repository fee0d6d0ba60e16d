package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ComparisonTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static Comparison comparison() {
    Comparison comparison = new Comparison("GFLOP/s", List.of("ours", "theirs"));
    comparison.add("a", 200, 100, 50);
    comparison.add("a", 200, 90, 45);
    comparison.add("a", 200, 110, 44);
    comparison.add("b", 400, 80, 160);
    return comparison;
  }

  @Test
  void roundInWhichTheWholeMachineIsSlowLeavesTheRatioAlone() {
    Comparison comparison = new Comparison("GFLOP/s", List.of("ours", "theirs"));
    for (double speed : new double[] {1, 0.5, 0.9, 0.2}) {
      comparison.add("a", 300 * speed, 120 * speed, 100 * speed);
    }
    Spread ratio = comparison.ratio("a", "theirs");
    assertThat(ratio.lowest()).isCloseTo(1.2, within(1e-12));
    assertThat(ratio.highest()).isCloseTo(1.2, within(1e-12));
  }

  @Test
  void summaryNamesMeanAndWorst() {
    assertThat(comparison().meanRatio("theirs")).isCloseTo(Math.sqrt(2 * 0.5), within(1e-12));
    assertThat(comparison().worst("theirs")).isEqualTo("b");
    assertThat(comparison().text()).contains("ours / theirs: geometric mean 1.00 over 2, lowest 0.50 (b)");
  }

  @Test
  void rowHoldsPeakRateShareAndRatioWithTheirSpread() {
    assertThat(comparison().text().lines().filter(line -> line.startsWith("a")).toList()).singleElement()
        .satisfies(row -> assertThat(row.split(" {2,}"))
            .containsExactly("a", "200", "100 (90–110)", "50 %", "45 (44–50)", "2.00 (2.00–2.50)"));
  }

  @Test
  void columnsAreAligned() {
    List<Integer> widths = comparison().text().lines().limit(3).map(String::length).distinct().toList();
    assertThat(widths).hasSize(1);
  }

  @Test
  void jsonKeepsEverySample() {
    JsonNode json = JSON.valueToTree(comparison().toJson());
    JsonNode a = json.at("/subjects/0");
    assertThat(a.at("/subject").asString()).isEqualTo("a");
    assertThat(a.at("/rates/ours").toString()).isEqualTo("[100.0,90.0,110.0]");
    assertThat(a.at("/fmaPeak").toString()).isEqualTo("[200.0,200.0,200.0]");
    assertThat(a.at("/ratios/theirs/highest").asDouble()).isEqualTo(2.5);
    assertThat(json.at("/worstSubjects/theirs").asString()).isEqualTo("b");
  }

  @Test
  void roundWithoutARateForEveryoneIsRefused() {
    Comparison comparison = comparison();
    assertThatIllegalArgumentException().isThrownBy(() -> comparison.add("a", 200, 100))
        .withMessageContaining("[ours, theirs]");
  }
}
