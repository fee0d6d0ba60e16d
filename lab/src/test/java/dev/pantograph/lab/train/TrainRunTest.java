package dev.pantograph.lab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.checkpoint.Safetensors;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.train.DivergenceException;
import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.lab.testing.TestText;
import dev.pantograph.lab.train.TrainRun.Metrics;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainRunTest {
  private static final int STEPS = 8;

  /** Stops a run between two steps, as a user would with Ctrl-C. */
  private static final class Interruption extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @TempDir
  private Path folder;

  private Path text = Path.of("");

  @BeforeEach
  void writeText() throws IOException {
    text = TestText.in(folder);
  }

  private TrainConfig config(String... more) {
    Map<String, String> keys = new LinkedHashMap<>(Map.of("model.width", "16", "model.layers", "2", "model.heads", "2",
        "data.batch", "2", "data.time", "8", "data.microBatches", "2", "data.validateEvery", "3",
        "data.validationBatches", "2"));
    keys.putAll(Map.of("steps", "" + STEPS, "schedule.warmup", "2", "checkpointEvery", "3", "seed", "5",
        "model.density", "0.5",
        "model.biases", "true", "data.corpus", "'" + text + "'"));
    for (int i = 0; i < more.length; i += 2) {
      keys.put(more[i], more[i + 1]);
    }
    return Configuration.with(TrainConfig.defaults(), keys, TrainConfig.class);
  }

  private RunFolder created(String name) {
    return RunFolder.create(folder.resolve(name));
  }

  private static Metrics run(TrainConfig config, RunFolder folder, Consumer<Metrics> listener) {
    try (Backend backend = TestBackends.vector()) {
      return new TrainRun(config, folder).run(backend, listener);
    }
  }

  private static List<Metrics> metrics(RunFolder folder) {
    try (JsonLines<Metrics> log = folder.log(TrainRun.METRICS, Metrics.class)) {
      return log.existing();
    }
  }

  /** Everything but the time it took. */
  private static List<Metrics> timeless(List<Metrics> metrics) {
    return metrics.stream().map(m -> new Metrics(m.step(), m.tokens(), m.loss(), m.gradientNorm(), m.learningRate(),
        m.validationLoss(), 0)).toList();
  }

  @Test
  void aRunLeavesMetricsOfEveryStepAndACheckpoint() {
    List<Metrics> heard = new ArrayList<>();
    RunFolder run = created("run");
    Metrics last = run(config(), run, heard::add);

    assertThat(metrics(run)).isEqualTo(heard).hasSize(STEPS);
    assertThat(last).isEqualTo(heard.getLast());
    assertThat(heard).extracting(Metrics::step).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(heard).extracting(Metrics::tokens).startsWith(32L, 64L).endsWith(256L);
    assertThat(heard).filteredOn(m -> m.validationLoss() != null).extracting(Metrics::step).containsExactly(2L, 5L, 7L);
    assertThat(heard).allMatch(m -> m.seconds() > 0 && Double.isFinite(m.loss()) && m.gradientNorm() > 0);
    // An untrained model knows nothing of the text: its loss is about that of a uniform guess.
    assertThat(heard.getFirst().loss()).isBetween(0.9 * Math.log(TokenStream.VOCABULARY),
        1.1 * Math.log(TokenStream.VOCABULARY));
    assertThat(heard.getLast().loss()).isLessThan(heard.getFirst().loss());
    try (Safetensors saved = Safetensors.open(run.resolve(TrainRun.CHECKPOINT))) {
      assertThat(saved.metadata()).containsEntry("pantograph.step", "" + STEPS);
      assertThat(saved.tensors()).containsKeys("tokens", "blocks.1.feedForward.down.weight.columnIndices", "head.firstMoment");
    }
  }

  @ParameterizedTest
  @CsvSource({"layer, gelu, learned, f32", "rms, swiglu, alibi, bf16"})
  void anInterruptedRunGoesOnWithTheSameBits(String norm, String activation, String positions, String precision)
      throws IOException {
    TrainConfig config = config("model.norm", norm, "model.activation", activation, "model.positions", positions,
        "precision", precision);
    RunFolder whole = created("whole");
    run(config, whole, _ -> {});

    for (int stop : new int[] {1, 3, 5, 7}) {
      RunFolder parts = created("parts" + stop);
      assertThatThrownBy(() -> run(config, parts, metrics -> {
        if (metrics.step() == stop) {
          throw new Interruption();
        }
      })).isInstanceOf(Interruption.class);
      assertThat(metrics(parts)).hasSize(stop + 1);
      Metrics last = run(config, parts, _ -> {});

      assertThat(timeless(metrics(parts))).as("stopped at %d", stop).isEqualTo(timeless(metrics(whole)));
      assertThat(last).isEqualTo(metrics(parts).getLast());
      assertThat(Files.mismatch(parts.resolve(TrainRun.CHECKPOINT), whole.resolve(TrainRun.CHECKPOINT))).isEqualTo(-1);
    }
  }

  @Test
  void aFinishedRunIsNotTrainedAgain() throws IOException {
    RunFolder run = created("run");
    Metrics last = run(config(), run, _ -> {});
    byte[] checkpoint = Files.readAllBytes(run.resolve(TrainRun.CHECKPOINT));
    List<Metrics> heard = new ArrayList<>();

    assertThat(run(config(), run, heard::add)).isEqualTo(last);
    assertThat(heard).isEmpty();
    assertThat(metrics(run)).hasSize(STEPS);
    assertThat(run.resolve(TrainRun.CHECKPOINT)).hasBinaryContent(checkpoint);
  }

  @Test
  void anotherSeedIsAnotherRun() {
    RunFolder one = created("one");
    RunFolder two = created("two");
    assertThat(run(config(), one, _ -> {}).loss()).isNotEqualTo(run(config("seed", "6"), two, _ -> {}).loss());
  }

  @Test
  void divergenceKeepsTheStateOfTheStepBefore() {
    TrainConfig wild = config("hyperparameters.learningRate", "1e30", "schedule.shape", "constant", "schedule.warmup",
        "0", "checkpointEvery", "1", "optimizer.clip", "0");
    RunFolder run = created("run");
    assertThatThrownBy(() -> run(wild, run, _ -> {})).isInstanceOf(DivergenceException.class)
        .hasMessageContaining("The update was not made");
    int done = metrics(run).size();
    assertThat(done).isBetween(1, STEPS - 1);
    try (Safetensors saved = Safetensors.open(run.resolve(TrainRun.CHECKPOINT))) {
      assertThat(saved.metadata()).containsEntry("pantograph.step", "" + done);
    }
  }

  @Test
  void divergenceWithoutCheckpointsInBetweenStillLeavesOne() {
    RunFolder run = created("run");
    assertThatThrownBy(() -> run(config("hyperparameters.learningRate", "1e30", "schedule.shape", "constant",
        "schedule.warmup", "0", "checkpointEvery", "0", "optimizer.clip", "0"), run, _ -> {}))
        .isInstanceOf(DivergenceException.class);
    try (Safetensors saved = Safetensors.open(run.resolve(TrainRun.CHECKPOINT))) {
      assertThat(saved.metadata()).containsEntry("pantograph.step", "" + metrics(run).size());
    }
  }
}
