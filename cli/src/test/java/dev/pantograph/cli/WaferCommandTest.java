package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The simulated wafer from the command line: layers and models that are not built, and a model that is trained. */
class WaferCommandTest {
  @TempDir
  private Path folder;

  @Test
  void layersAndModelsThatAreNotBuilt() {
    CommandRun run = CommandRun.of("wafer", "--density=1,0.25");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Predictions, not measurements, for 'WSE-2'", "Layer 12288×12288", "  125m ",
        "  175b ", "Assumed, not published: cores.flopsPerCycle");
    assertThat(run.out()).containsPattern("(?m)^  1\\.3b +0\\.25 .* 2\\.48 × +2\\.49 × ");
  }

  @Test
  void aMicroBatchIsDrawn() throws IOException {
    Path trace = folder.resolve("trace.json");
    CommandRun run = CommandRun.of("wafer", "--device=wse-3", "--model=125m", "--density=1", "--mask=even", "--link=1e15",
        "--trace=" + trace);
    assertThat(run.err()).isEmpty();
    JsonNode events = JsonMapper.builder().build().readTree(Files.readString(trace)).get("traceEvents");
    assertThat(events.get(0).get("name").asString()).isEqualTo("125m at density 1.0 on WSE-3");
    assertThat(events).hasSize(1 + 12 * (5 + 9) + 3);
    assertThat(events.get(1).get("name").asString()).isEqualTo("qkv");
    assertThat(events.get(1).get("dur").asDouble()).isPositive();
  }

  @Test
  void theDescriptionThatIsPrintedCanBeReadAgain() throws IOException {
    CommandRun printed = CommandRun.of("wafer", "--print-device", "--device=wse-3");
    assertThat(printed.out()).contains("source:", "assumed: true");
    Path file = Files.writeString(folder.resolve("mine.yaml"), printed.out().replace("WSE-3", "mine"));
    assertThat(CommandRun.of("wafer", "--device=" + file, "--layer=1024x512", "--link=1e12").out())
        .contains("for 'mine', simulated", "weights at 1.000e+12 bytes/s").doesNotContain("175b");
  }

  @Test
  void aTrainedModelsStepIsPredicted() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "pack my box with five dozen liquor jugs\n".repeat(200));
    Path trace = folder.resolve("trace.json");
    CommandRun run = CommandRun.of("train", "--backend=wafer", "--width=16", "--layers=1", "--heads=2", "--steps=2",
        "--batch=2", "--time=8", "--density=0.25", "--pattern=fan-in", "--set=schedule.warmup=1",
        "--threads=1", "--data=" + text, "--out=" + folder.resolve("run"), "--cost-trace=" + trace);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("backend 'wafer'", "Predicted time of one step's kernels on 'WSE-2', simulated",
        "pipeline fill", "A prediction, not a measurement; assumed: ", "Timeline: " + trace);
    assertThat(Files.readString(trace)).contains("step on WSE-2");
  }

  @Test
  void transferRunsOnTheWafer() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "pack my box with five dozen liquor jugs\n".repeat(400));
    Path yaml = Files.writeString(folder.resolve("small.yaml"), """
        studies:
          - axis: density
            rules: [mup, supar]
            sizes: [1, 0.5]
            base: {width: 16, layers: 1, headDim: 16, density: 1, tiedHead: false, initStd: 0.08}
            learningRates: {lowest: -9, highest: -7}
        training: {batch: 2, time: 8, steps: 2, warmup: 0, validationBatches: 1}
        """);
    CommandRun run = CommandRun.of("transfer", "--backend=wafer", "--config=" + yaml, "--seeds=1", "--data=" + text,
        "--out=" + folder.resolve("transfer"), "--workers=2");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(folder.resolve("transfer").resolve("report.html")).isNotEmptyFile();
    assertThat(folder.resolve("transfer").resolve("environment.json")).content().contains("\"wafer\"");
  }
}
