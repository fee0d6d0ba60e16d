package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.lab.plot.Regression;
import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.testing.SilentProgress;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import dev.pantograph.lab.transfer.Trial.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search over a loss that is known: a parabola in log₂η about an optimum that depends on the size. */
class GridSearchTest {
  private static final int SEEDS = 2;
  private static final StudyConfig STUDY = new StudyConfig(Axis.WIDTH, List.of("standard"),
      List.of(16.0, 32.0, 64.0, 128.0),
      new BaseModel(16, 2, 16, 1, true, 0.02), new LearningRateGrid(-8, -4));

  @TempDir
  private Path folder;

  private final List<Trial> ran = new ArrayList<>();
  private final List<JsonLines<Outcome>> logs = new ArrayList<>();

  @AfterEach
  void closeLogs() {
    logs.forEach(JsonLines::close);
  }

  /** A search whose trials' losses are a function of log₂(size) and k; NaN means divergence. */
  private GridSearch search(ToDoubleBiFunction<Double, Integer> loss) {
    JsonLines<Outcome> log = RunFolder.create(folder).log("trials.jsonl", Outcome.class);
    logs.add(log);
    Sweep<Trial, Trial.Outcome> sweep = new Sweep<>(TestBackends::vector, 1, (trial, _) -> {
      ran.add(trial);
      double value = loss.applyAsDouble(Math.log(trial.size()) / Math.log(2), trial.log2LearningRate());
      // Seeds differ by a constant, which moves no optimum.
      return Double.isNaN(value) ? new Outcome(trial, null, "diverged", 1, 1)
          : new Outcome(trial, value + 0.01 * trial.seed(), null, 1, 1);
    }, Trial::size, log, new SilentProgress());
    TransferConfig config = new TransferConfig(List.of(STUDY), new TrainingConfig(1, 1, 1, 0, "constant", 0, 1),
        new TextConfig("", 1), SEEDS);
    GridSearch search = new GridSearch(config, sweep);
    search.run();
    return search;
  }

  private static double square(double x) {
    return x * x;
  }

  private List<Integer> tried(double size) {
    return ran.stream().filter(trial -> trial.size() == size && trial.seed() == 0).map(Trial::log2LearningRate).sorted()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, -0.6, 0, 0.3})
  void aDriftWithinReachIsRecoveredExactly(double drift) {
    GridSearch search = search((place, k) -> 2 + 0.1 * square(k - (-5.7 + drift * (place - 4))));
    List<Regression.Point> optima = IntStream.range(4, 8).mapToObj(place ->
        new Regression.Point(place, search.meanCurve(STUDY, "standard", 1 << place).minimum().log2LearningRate()))
            .toList();

    assertThat(Regression.of(optima).slope()).isCloseTo(drift, within(1e-9));
    assertThat(optima.getFirst().y()).isCloseTo(-5.7, within(1e-9));
    for (int seed = 0; seed < SEEDS; seed++) {
      assertThat(search.curve(STUDY, "standard", 128, seed).minimum().log2LearningRate())
          .isCloseTo(-5.7 + 3 * drift, within(1e-9));
    }
  }

  @Test
  void anOptimumInsideNeedsTheGridOnly() {
    search((_, k) -> square(k + 6));
    assertThat(tried(16)).containsExactly(-8, -7, -6, -5, -4);
    assertThat(ran).hasSize(5 * 4 * SEEDS).doesNotHaveDuplicates();
  }

  @Test
  void theGridGrowsOneRateBeyondAnOptimumOnItsEdge() {
    search((place, k) -> square(k - (place == 4 ? -6 : -8.8)));
    assertThat(tried(16)).containsExactly(-8, -7, -6, -5, -4);
    assertThat(tried(32)).containsExactly(-10, -9, -8, -7, -6, -5, -4);
  }

  @Test
  void theGridGrowsByThreeAtMost() {
    search((place, k) -> place == 4 ? square(k + 6) : place == 5 ? k : -k);
    assertThat(tried(16)).containsExactly(-8, -7, -6, -5, -4);
    assertThat(tried(32)).containsExactly(-11, -10, -9, -8, -7, -6, -5, -4);
    assertThat(tried(64)).containsExactly(-8, -7, -6, -5, -4, -3, -2, -1);
  }

  @Test
  void theBasesBestRateIsMeasuredEverywhere() {
    GridSearch search = search((place, k) -> square(k - (place == 4 ? -10 : -5)));
    assertThat(search.bestLog2LearningRate(STUDY, "standard", 16)).isEqualTo(-10);
    assertThat(tried(32)).contains(-10);
    assertThat(tried(128)).contains(-10);
    assertThat(search.meanCurve(STUDY, "standard", 128).minimum().log2LearningRate()).isCloseTo(-5, within(1e-9));
  }

  @Test
  void aDivergedSeedMakesTheMeanMissing() {
    GridSearch search = search((_, k) -> k > -6 ? Double.NaN : square(k + 6.2));
    LossCurve mean = search.meanCurve(STUDY, "standard", 16);
    assertThat(mean.losses().get(3)).isNull();
    assertThat(mean.losses().get(2)).isCloseTo(0.04 + 0.005, within(1e-12));
    assertThat(mean.minimum().log2LearningRate()).isCloseTo(-6.2, within(1e-9));
  }

  @Test
  void whereEverythingDivergesTheMiddleStandsIn() {
    GridSearch search = search((_, _) -> Double.NaN);
    assertThat(search.bestLog2LearningRate(STUDY, "standard", 16)).isEqualTo(-6);
    assertThat(ran).hasSize(5 * 4 * SEEDS);
  }
}
