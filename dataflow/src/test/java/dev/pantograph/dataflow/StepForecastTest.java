package dev.pantograph.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.pantograph.spi.Prediction.Bound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepForecastTest {
  private static final long TOKENS = 1 << 16;

  /** SPDF (arXiv 2303.10464) publishes 2.5 for 1.3B at 75 %; the others by the same count. */
  @ParameterizedTest
  @CsvSource({
    "125m, 0.5266, 1.357, 1.653, 1.728, 1.901",
    "1.3b, 0.7988, 1.665, 2.494, 2.770, 3.558",
    "6.7b, 0.8966, 1.813, 3.053, 3.537, 5.180",
    "175b, 0.9696, 1.941, 3.666, 4.458, 7.853"
  })
  void anIdealWaferGainsWhatTheFlopsLose(
      String name, double share, double half, double quarter, double fifth, double tenth) {
    ModelShape model = ModelShape.named(name);
    assertThat(model.linearFlops() / (model.linearFlops() + model.attentionFlops() + model.headFlops()))
        .isCloseTo(share, within(5e-5));
    double[] densities = {0.5, 0.25, 0.2, 0.1};
    double[] published = {half, quarter, fifth, tenth};
    StepForecast dense = forecast(model, 1);
    assertThat(dense.utilisation()).isCloseTo(1, within(1e-9));
    for (int i = 0; i < densities.length; i++) {
      assertThat(model.flopReduction(densities[i])).isCloseTo(published[i], within(1e-3));
      assertThat(dense.seconds() / forecast(model, densities[i]).seconds()).isCloseTo(published[i], within(1e-3));
    }
  }

  private static StepForecast forecast(ModelShape model, double density) {
    return StepForecast.of(Wafers.ideal(), model, density, Masks.EVEN, TOKENS);
  }

  @Test
  void whatDoesNotFitIsCutOrRecomputedOrRefused() {
    ModelShape model = new ModelShape("small", 4, 512, 128, 1000);
    double inputBytes = 4.0 * 512 * 128 * 2;
    StepForecast four = StepForecast.of(memory(64 * inputBytes), model, 1, Masks.EVEN, 128 * 16);
    assertThat(four.microBatches()).isEqualTo(4);
    assertThat(four.recomputed()).isFalse();
    StepForecast recomputed = StepForecast.of(memory(8 * inputBytes), model, 1, Masks.EVEN, 128 * 16);
    assertThat(recomputed.microBatches()).isEqualTo(2);
    assertThat(recomputed.recomputed()).isTrue();
    assertThat(recomputed.parts()).hasSize(four.parts().size() + 4 * 5);
    assertThatThrownBy(() -> StepForecast.of(memory(inputBytes / 2), model, 1, Masks.EVEN, 128 * 16))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a sequence of 'small'");
    assertThatThrownBy(() -> forecast(new ModelShape("long", 4, 512, 1 << 20, 1000), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least a sequence of 'long', 1048576");
  }

  private static Wafer memory(double bytes) {
    return Wafers.with(1, 1e15, bytes, 1e60, 1e60);
  }

  @Test
  void blocksAreComputedAgainWhereThatSavesStreaming() {
    ModelShape model = new ModelShape("small", 4, 512, 128, 1000);
    double bytes = 64 * 4.0 * 512 * 128 * 2;
    StepForecast slow = StepForecast.of(memory(bytes).withLink(1e9), model, 1, Masks.EVEN, 128 * 64);
    assertThat(slow.recomputed()).isTrue();
    assertThat(slow.microBatches()).isEqualTo(1);
    StepForecast fast = StepForecast.of(memory(bytes), model, 1, Masks.EVEN, 128 * 64);
    assertThat(fast.recomputed()).isFalse();
    assertThat(fast.microBatches()).isEqualTo(16);
  }

  @Test
  void timesAndBoundsAddUp() {
    StepForecast step = StepForecast.of(WaferDescription.read("wse-2"), ModelShape.named("1.3b"), 0.25,
        Masks.RANDOM, TOKENS);
    double sum = 0;
    for (Bound bound : Bound.values()) {
      sum += step.seconds(bound);
    }
    assertThat(sum).isCloseTo(step.seconds(), withinPercentage(1e-9));
    assertThat(step.seconds(step.bound())).isGreaterThanOrEqualTo(sum / Bound.values().length);
    assertThat(step.utilisation()).isBetween(0.01, 1.0);
  }
}
