package dev.pantograph.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.schedule.Schedule.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final Offset<Double> ROUNDING = within(1e-15);
  private static final long WARMUP = 10;
  private static final long STEPS = 110;

  @ParameterizedTest
  @CsvSource({
    // 100 steps after the warm-up: 10 is the first, 60 the middle, 109 the last.
    "constant, 10, 1", "constant, 60, 1", "constant, 109, 1",
    "linear, 10, 1", "linear, 35, 0.75", "linear, 60, 0.5", "linear, 109, 0.01",
    "cosine, 10, 1", "cosine, 60, 0.55", "wsd, 10, 1", "wsd, 60, 1", "wsd, 90, 1", "wsd, 100, 0.5", "wsd, 109, 0.05"
  })
  void shapesPassTheirLandmarks(String name, long step, double expected) {
    assertThat(schedule(name).factor(step)).isEqualTo(expected, ROUNDING);
  }

  @Test
  void cosineEndsAtATenthOfThePeak() {
    double p = 0.99;
    double expected = 0.1 + 0.45 * (1 + Math.cos(Math.PI * p));

    assertThat(schedule("cosine").factor(STEPS - 1)).isEqualTo(expected, ROUNDING).isGreaterThan(0.1);
    assertThat(schedule("cosine").factor(STEPS)).isEqualTo(0.1, ROUNDING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "cosine", "linear", "wsd"})
  void warmUpRisesLinearlyFromZero(String name) {
    for (long step = 0; step < WARMUP; step++) {
      assertThat(schedule(name).factor(step)).isEqualTo(step / 10.0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "cosine", "linear", "wsd"})
  void noUpdateAfterTheWarmUpIsWasted(String name) {
    for (long step = WARMUP; step < STEPS; step++) {
      assertThat(schedule(name).factor(step)).as("step %d", step).isPositive().isLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "cosine", "linear", "wsd"})
  void withoutWarmUpTheFirstStepHasThePeak(String name) {
    assertThat(new Schedule(Shape.named(name), 0, 1).factor(0)).isEqualTo(1);
  }

  @Test
  void aRunThatIsAllWarmUpDividesByNothing() {
    assertThat(new Schedule(new Shape.Linear(), 4, 4).factor(3)).isEqualTo(0.75);
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> Shape.named("sawtooth")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'sawtooth'", "constant", "cosine", "linear", "wsd");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "10, 11", "10, -1"})
  void impossibleLengthsAreRefused(long steps, long warmup) {
    assertThatThrownBy(() -> new Schedule(new Shape.Constant(), warmup, steps))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(steps + " steps");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.1, Double.NaN})
  void impossibleDecaySharesAreRefused(double share) {
    assertThatThrownBy(() -> new Shape.StableThenDecay(share)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("decay share");
  }

  private static Schedule schedule(String name) {
    return new Schedule(Shape.named(name), WARMUP, STEPS);
  }
}
