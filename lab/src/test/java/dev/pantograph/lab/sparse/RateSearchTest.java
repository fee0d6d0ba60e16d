package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.testing.SilentProgress;
import dev.pantograph.lab.testing.TestBackends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches with losses that are a parabola about a rate, in place of trainings. */
class RateSearchTest {
  private static final SparseStudyConfig CONFIG = SampleSparseStudy.config("").schedules(List.of("static"));
  private static final int FAR = -100;

  @TempDir
  private Path folder;

  private final List<SparseTrial> ran = Collections.synchronizedList(new ArrayList<>());

  private interface Inspection {
    void of(RateSearch search, RateSearch.Cell cell);
  }

  /**
   * Searches for one cell.
   *
   * @param optimum k of the best rate for each seed; {@value #FAR} if every run diverges
   */
  private void search(IntUnaryOperator optimum, Inspection inspection) {
    try (JsonLines<SparseTrial.Outcome> log = RunFolder.create(folder).log("trials", SparseTrial.Outcome.class)) {
      Sweep<SparseTrial, SparseTrial.Outcome> sweep = new Sweep<>(TestBackends::reference, 1, (trial, _) -> {
        ran.add(trial);
        return new SparseTrial.Outcome(trial, loss(trial, optimum.applyAsInt(trial.seed())), null, 1, 1);
      }, _ -> 1, log, new SilentProgress());
      RateSearch search = new RateSearch(CONFIG, sweep);
      RateSearch.Cell cell = RateSearch.Cell.of(CONFIG.arms().getFirst(), 8);
      search.run(List.of(cell));
      inspection.of(search, cell);
    }
  }

  private static @Nullable Double loss(SparseTrial trial, int optimum) {
    double distance = trial.log2LearningRate() - optimum;
    return optimum == FAR ? null : Double.valueOf(2 + distance * distance);
  }

  @Test
  void theGridGrowsUntilTheBestLiesInside() {
    search(_ -> -5, (search, cell) -> {
      assertThat(search.best(cell)).isEqualTo(-5);
      assertThat(search.isAtEdge(cell)).isFalse();
      assertThat(ran).filteredOn(trial -> trial.seed() == 0).extracting(SparseTrial::log2LearningRate)
          .containsExactlyInAnyOrder(-8, -7, -6, -5, -4);
    });
  }

  @Test
  void itGrowsByThreeAtMost() {
    search(_ -> 3, (search, cell) -> {
      assertThat(search.best(cell)).isEqualTo(-4);
      assertThat(search.isAtEdge(cell)).isTrue();
    });
  }

  @Test
  void otherSeedsTrainWithTheFirstSeedsRateAlone() {
    search(seed -> seed == 0 ? -6 : -9, (search, cell) -> {
      assertThat(ran).filteredOn(trial -> trial.seed() == 1).extracting(SparseTrial::log2LearningRate)
          .containsExactly(-6);
      assertThat(search.outcome(cell, -6, 1).loss()).isEqualTo(11);
    });
  }

  @Test
  void whereAllDivergeLowerRatesAreTried() {
    search(_ -> FAR, (search, cell) -> {
      assertThat(search.best(cell)).isEqualTo(-10);
      assertThat(search.outcome(cell, -10, 1).loss()).isNull();
    });
  }
}
