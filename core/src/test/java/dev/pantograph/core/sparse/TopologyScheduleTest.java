package dev.pantograph.core.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.sparse.TopologySchedule.Change;
import dev.pantograph.core.sparse.TopologySchedule.Dynamic;
import dev.pantograph.core.sparse.TopologySchedule.GradualPruning;
import dev.pantograph.core.sparse.TopologySchedule.SparseToDense;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyScheduleTest {
  private static List<Long> times(TopologySchedule schedule, long steps) {
    return LongStream.rangeClosed(0, steps).filter(u -> schedule.after(u, 1) != null).boxed().toList();
  }

  @Test
  void pruningFollowsTheCube() {
    // Quarters of a step are counted as steps: 37.5 is 150 of 400.
    GradualPruning pruning = new GradualPruning(0.2, 100, 300, 1);

    assertThat(1 - pruning.density(100, 1)).isZero();
    assertThat(1 - pruning.density(150, 1)).isCloseTo(0.4625, within(1e-12));
    assertThat(1 - pruning.density(200, 1)).isCloseTo(0.70, within(1e-12));
    assertThat(1 - pruning.density(250, 1)).isCloseTo(0.7875, within(1e-12));
    assertThat(1 - pruning.density(300, 1)).isCloseTo(0.8, within(1e-12));
    assertThat(1 - pruning.density(400, 1)).isCloseTo(0.8, within(1e-12));
  }

  @Test
  void theMeanDensityOfTheCubeIsPublished() {
    assertThat(new GradualPruning(0.2, 25_000, 75_000, 1).meanDensity(100_000, 1)).isCloseTo(0.5, within(1e-4));
  }

  @ParameterizedTest
  @CsvSource({
    "0.2, 0.875, 0.867154", "0.4, 0.75, 0.715521", "0.5, 0.6875, 0.630657", "0.6, 0.625, 0.538101",
    "0.8, 0.5, 0.320618", "0.9, 0.4375, 0.185515"})
  void theJourneysMeanDensityIsPublishedInTokensAndInCompute(double sparsity, double tokens, double compute) {
    long steps = 10_000;

    assertThat(GradualPruning.journey(1 - sparsity, steps, 1, 0).meanDensity(steps, 1)).isCloseTo(tokens, within(2e-4));
    assertThat(GradualPruning.journey(1 - sparsity, steps, 1, 1).meanDensity(steps, 1))
        .isCloseTo(compute, within(2e-4));
  }

  @Test
  void theJourneyBeginsAndEndsAtQuartersOfTheCompute() {
    long steps = 20_000;
    GradualPruning journey = GradualPruning.journey(0.2, steps, 1, 0.8);
    double[] cost = new double[(int) steps];
    double whole = 0;
    for (int step = 0; step < steps; step++) {
      whole += 1 - 0.8 * (1 - journey.density(step, 1));
      cost[step] = whole;
    }
    assertThat(cost[(int) journey.begin()] / whole).isCloseTo(0.25, within(1e-3));
    assertThat(cost[(int) journey.end()] / whole).isCloseTo(0.75, within(1e-3));
    // The first steps of the pruning are dearer than the last, and so more of it.
    assertThat(journey.progress((journey.begin() + journey.end()) / 2, 1)).isGreaterThan(0.5);
  }

  @Test
  void pruningHappensEverySoOftenAndAtTheEnd() {
    GradualPruning pruning = new GradualPruning(0.5, 10, 33, 10);

    assertThat(times(pruning, 100)).containsExactly(20L, 30L, 33L);
    assertThat(pruning.after(33, 1)).isEqualTo(new Change.Prune(0.5, 1));
    assertThat(pruning.density(19, 1)).isEqualTo(1);
    assertThat(pruning.density(29, 1)).isEqualTo(pruning.density(20, 1)).isLessThan(1);
  }

  @Test
  void theDropFractionFallsAlongACosine() {
    Dynamic rigl = new Dynamic(true, 100, 0.3, 3584);

    assertThat(rigl.fraction(0)).isEqualTo(0.3);
    assertThat(rigl.fraction(100)).isCloseTo(0.299424100, within(1e-9));
    assertThat(rigl.fraction(1792)).isCloseTo(0.15, within(1e-12));
    assertThat(rigl.fraction(3500)).isCloseTo(4.0643e-4, within(1e-8));
    assertThat(times(new Dynamic(false, 100, 0.3, 350), 1000)).containsExactly(100L, 200L, 300L);
    assertThat(rigl.after(100, 0.5)).isEqualTo(new Change.Regrow(rigl.fraction(100), true));
  }

  @Test
  void sparseToDenseChangesOnce() {
    SparseToDense schedule = new SparseToDense(75);

    assertThat(times(schedule, 100)).containsExactly(75L);
    assertThat(schedule.meanDensity(100, 0.25)).isCloseTo(0.75 * 0.25 + 0.25, within(1e-12));
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThatThrownBy(() -> new GradualPruning(0, 0, 10, 1)).hasMessageContaining("finalDensity is 0.0 (expected");
    assertThatThrownBy(() -> new GradualPruning(0.5, 10, 10, 1)).hasMessageContainingAll("topology.end is 10", "11");
    assertThatThrownBy(() -> new GradualPruning(0.5, 0, 10, 0)).hasMessageContainingAll("topology.every is 0", "1");
    assertThatThrownBy(() -> new GradualPruning(0.5, 0, 10, 1, 2)).hasMessageContainingAll("topology.share is 2.0");
    assertThatThrownBy(() -> new Dynamic(true, 1, 0, 10)).hasMessageContainingAll("dropFraction is 0.0", "expected");
    assertThatThrownBy(() -> new SparseToDense(0)).hasMessageContainingAll("topology.begin is 0", "at least 1");
  }
}
