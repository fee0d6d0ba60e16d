package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.data.DataException;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.testing.SilentProgress;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.lab.testing.TestText;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferExperimentTest {
  @TempDir
  private Path folder;

  private static TransferConfig config(String corpus, String rule, double... widths) {
    StudyConfig study = new StudyConfig(Axis.WIDTH, List.of("standard", rule),
        java.util.Arrays.stream(widths).boxed().toList(), new BaseModel(16, 2, 16, 1, false, 0.08), new LearningRateGrid(-9, -7));
    return new TransferConfig(List.of(study), new TrainingConfig(2, 16, 4, 1, "linear", 0.1, 2),
        new TextConfig(corpus, 1 << 20), 1);
  }

  private TransferResult run(TransferConfig config, RunFolder run, SilentProgress progress) {
    return new TransferExperiment(TestBackends.all(), "vector", 2, config, run, progress).run();
  }

  @Test
  void anExperimentLeavesResultReportAndTrialsAndIsNotRunTwice() throws IOException {
    TransferConfig config = config(TestText.in(folder).toString(), "mup", 16, 32);
    RunFolder run = RunFolder.create(folder.resolve("run"));
    SilentProgress progress = new SilentProgress();
    TransferResult result = run(config, run, progress);

    List<String> lines = Files.readAllLines(run.resolve(TransferExperiment.TRIALS));
    assertThat(lines).hasSize(progress.finished.get()).doesNotHaveDuplicates();
    assertThat(result.trials()).isEqualTo(lines.size()).isGreaterThanOrEqualTo(2 * 2 * 3);
    assertThat(result.trainedTokens()).isEqualTo(4L * 2 * 16 * lines.size());
    assertThat(result.environment().backend()).isEqualTo("vector");
    assertThat(run.resolve(TransferExperiment.REPORT)).content().contains("<svg", "µP");
    assertThat(run.readJson(TransferExperiment.RESULT, TransferResult.class)).isEqualTo(result);

    assertThat(result.studies()).extracting(Study::parameterization).containsExactly("standard", "mup");
    Study study = result.studies().get(1);
    assertThat(study.curves()).extracting(Curve::size).containsExactly(16.0, 32.0);
    assertThat(study.curves().getFirst().points()).hasSizeGreaterThanOrEqualTo(3);
    double optimum = study.curves().get(1).optimum().log2LearningRate() - study.curves().getFirst().optimum()
        .log2LearningRate();
    assertThat(study.drift().perStep()).isCloseTo(optimum, within(1e-12));
    assertThat(study.gaps()).extracting(Gap::size).containsExactly(32.0);
    assertThat(study.gaps().getFirst().gap()).isGreaterThanOrEqualTo(0);
    assertThat(study.coordinateCheck().layers()).extracting(Layer::name).contains("logits", "feed-forward out");
    // The base is the same model under both rules.
    assertThat(result.studies().getFirst().curves().getFirst().points().getFirst().losses())
        .isEqualTo(study.curves().getFirst().points().getFirst().losses());

    SilentProgress again = new SilentProgress();
    assertThat(run(config, run, again)).isEqualTo(result);
    assertThat(again.finished).hasValue(0);
    assertThat(Files.readAllLines(run.resolve(TransferExperiment.TRIALS))).isEqualTo(lines);
  }

  @Test
  void anInterruptedExperimentRunsOnlyWhatIsMissing() throws IOException {
    TransferConfig config = config(TestText.in(folder).toString(), "mup", 16);
    RunFolder run = RunFolder.create(folder.resolve("run"));
    TransferResult whole = run(config, run, new SilentProgress());

    Path trials = run.resolve(TransferExperiment.TRIALS);
    List<String> lines = Files.readAllLines(trials);
    Files.writeString(trials, String.join("\n", lines.subList(0, lines.size() - 2)) + "\n" + lines.getLast()
        .substring(0, 20));
    Files.delete(run.resolve(TransferExperiment.RESULT));
    SilentProgress progress = new SilentProgress();
    TransferResult resumed = run(config, run, progress);

    assertThat(progress.finished).hasValue(2);
    assertThat(resumed.studies()).isEqualTo(whole.studies());
    assertThat(run.has(TransferExperiment.RESULT)).isTrue();
  }

  @Test
  void resultsOfDivergedRunsSurviveTheirFile() {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    TransferResult result = SampleStudies.result("text",
        List.of(SampleStudies.diverged(Axis.WIDTH, "standard", SampleStudies.WIDTHS),
            SampleStudies.study(Axis.WIDTH, "mup", SampleStudies.WIDTHS, 0.04, 3)));
    run.writeJson("transfer.json", result);
    assertThat(run.readJson("transfer.json", TransferResult.class)).isEqualTo(result);
  }

  @Test
  void whatCannotBeTrainedIsRefusedBeforeAnythingIsRead() {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    assertThatIllegalArgumentException().isThrownBy(() -> run(config("nowhere", "mupp", 16), run, new SilentProgress()))
        .withMessageContaining("no parameterization is named 'mupp'");
    assertThatIllegalArgumentException().isThrownBy(() -> run(config("nowhere", "mup", 16, 24), run,
        new SilentProgress()))
        .withMessageStartingWith("width 24 is not divisible by headDim 16");
    assertThat(run.path()).isEmptyDirectory();
  }

  @Test
  void aMissingOrTooSmallCorpusIsNamed() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    Path none = folder.resolve("none.txt");
    assertThatThrownBy(() -> run(config(none.toString(), "mup", 16), run, new SilentProgress()))
        .isInstanceOf(DataException.class).hasMessageContaining("found no file or folder " + none);
    Path small = Files.writeString(folder.resolve("small.txt"), "too little to learn from");
    assertThatThrownBy(() -> run(config(small.toString(), "mup", 16), run, new SilentProgress()))
        .isInstanceOf(DataException.class).hasMessageContaining("needed 33 for one batch of 2 rows of 16 tokens");
  }
}
