package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.transfer.TransferResult.Drift;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import dev.pantograph.lab.transfer.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jspecify.annotations.Nullable;

class VerdictTest {
  private static final Study FLAT = SampleStudies.study(Axis.WIDTH, "mup", SampleStudies.WIDTHS, 0.04, 3);

  @ParameterizedTest
  @CsvSource({
      "0.04, -0.05, 0.13, TRANSFERS", "0, -0.25, 0.25, TRANSFERS", "0.2, 0.2, 0.2, TRANSFERS",
      "-0.9, -1.0, -0.8, DRIFTS", "0.5, 0.26, 0.7, DRIFTS", "1, 1, 1, DRIFTS",
      "0.1, -0.2, 0.4, UNCLEAR", "-0.5, -0.9, -0.1, UNCLEAR", "0.3, 0.25, 0.35, UNCLEAR", "0, -0.5, 0.5, UNCLEAR",
      "NaN, NaN, NaN, UNCLEAR"})
  void comparesTheWholeIntervalWithTheTolerance(double perStep, double low, double high, Outcome expected) {
    assertThat(Verdict.of(with(new Drift(perStep, low, high, List.of(perStep)))).outcome()).isEqualTo(expected);
  }

  @Test
  void saysThatTheOptimumStays() {
    assertThat(Verdict.of(with(new Drift(0.04, -0.05, 0.13, List.of()))).sentence()).startsWith(
        "µP: the best learning rate stays where it is along width: it is multiplied by 2^+0.04 per width doubling "
            + "(95 % interval −0.05 to +0.13).");
  }

  @Test
  void saysThatTheOptimumMovesAndWhatThatCosts() {
    Study study = with(new Drift(-0.9, -0.9, -0.9, List.of()), new Gap(512, 0x1p-6, 2.9125, 0x1p-9, 2.6));

    assertThat(Verdict.of(study).sentence()).isEqualTo(
        """
        µP: the best learning rate moves along width: it is multiplied by 2^−0.90 per width doubling (too few optima \
        for an interval). At width 512, the base's best rate costs 0.313 nats per token over tuning (loss 2.913 \
        against 2.600).""");
  }

  @Test
  void saysWhyItCannotTell() {
    Study onEdge = SampleStudies.study(Axis.DENSITY, "mup", SampleStudies.DENSITIES, 1.2, 3);
    Study oneSize = SampleStudies.study(Axis.DEPTH, "completep", List.of(4.0), 0, 2);
    Study diverged = SampleStudies.diverged(Axis.WIDTH, "standard", SampleStudies.WIDTHS);

    assertThat(Verdict.of(onEdge).outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(Verdict.of(onEdge).sentence()).contains("but at density 1/4 it lies on the edge of the rates tried");
    assertThat(Verdict.of(with(new Drift(0, -0.5, 0.5, List.of()))).sentence())
        .contains("crosses the tolerance of ±0.25");
    assertThat(Verdict.of(oneSize).outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(Verdict.of(oneSize).sentence()).contains("one size alone");
    assertThat(Verdict.of(diverged).sentence()).contains("runs diverged at every learning rate of a size")
        .doesNotContain("NaN");
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
      "-, 0x1p-8, 2.6, the base's best rate diverges",
      "2.6, 0x1p-6, 2.6, the base's best rate is still the best one tried",
      "-, 0x1p-8, NaN, runs diverged at every learning rate"})
  void tellsTheCostAtTheLargestSize(@Nullable Double transferred, double tunedRate, double tuned, String expected) {
    Study study = with(FLAT.drift(), new Gap(512, 0x1p-6, transferred, tunedRate, tuned));

    assertThat(Verdict.of(study).sentence()).endsWith(" At width 512, " + expected + ".");
  }

  private static Study with(Drift drift, Gap... gaps) {
    return new Study(FLAT.axis(), FLAT.parameterization(), FLAT.curves(), drift, List.of(gaps), FLAT.coordinateCheck());
  }
}
