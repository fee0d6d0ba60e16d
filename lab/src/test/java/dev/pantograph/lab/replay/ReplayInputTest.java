package dev.pantograph.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.data.DataException;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recordings that cannot be replayed, and what is said about them. */
class ReplayInputTest {
  @TempDir
  private Path folder;

  private final RecordedRun run = new RecordedRun(false, Map.of(), Map.of("steps", 1)).pretend();

  static Throwable failure(Path folder) {
    try (Backend backend = TestBackends.vector()) {
      Throwable failure = catchThrowable(() -> Replay.run(folder, backend, Replay.LOSS_TOLERANCE));
      assertThat(failure).as("the recording was replayed").isNotNull();
      return failure;
    }
  }

  private Throwable failure() throws IOException {
    return failure(run.write(folder));
  }

  @Test
  void aFolderWithoutARecordingSaysWhatARecordingIs() {
    assertThat(failure(folder)).isInstanceOf(ReplayException.class)
        .hasMessage("%s: no golden.json there; a recording is a folder with golden.json, "
            + "init.safetensors and batches.u16", folder);
  }

  @Test
  void anUnknownKeyIsRefusedSinceItMayChangeTheRun() throws IOException {
    run.config.put("rotary", true);
    assertThat(failure()).isInstanceOf(ReplayException.class).hasMessageContaining("golden.json")
        .hasMessageContaining("rotary");
    run.config.remove("rotary");
    run.train.put("label_smoothing", 0.1);
    assertThat(failure()).isInstanceOf(ReplayException.class).hasMessageContaining("label_smoothing");
  }

  @Test
  void brokenJsonIsNamedWithItsFile() throws IOException {
    Files.writeString(run.write(folder).resolve("golden.json"), "{\"config\": ");
    assertThat(failure(folder)).isInstanceOf(ReplayException.class)
        .hasMessageStartingWith(folder.resolve("golden.json") + ": ");
  }

  @ParameterizedTest
  @CsvSource({"losses", "grad_norms_before_clip", "final_param_l2"})
  void aRecordingWithoutResultsIsRefused(String key) throws IOException {
    run.golden.remove(key);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageEndingWith("needs config, train, losses, grad_norms_before_clip and final_param_l2");
  }

  @Test
  void everyStepNeedsALoss() throws IOException {
    run.golden.put("losses", List.of(2.0, 1.9));
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageEndingWith("train.steps is 1, but there are 2 losses and 1 gradient norms");
  }

  @Test
  void dropoutCannotBeReproduced() throws IOException {
    run.config.put("dropout", 0.1);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageEndingWith("config.dropout is 0.1; a run with dropout cannot be reproduced (expected: 0)");
  }

  @ParameterizedTest
  @CsvSource({"1.0", "-0.25"})
  void sparsityMustLeaveAWeight(double sparsity) throws IOException {
    run.config.put("sparsity", sparsity);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageEndingWith("config.sparsity is %s (expected: 0 or more, below 1)", sparsity);
  }

  @Test
  void anUnknownScheduleIsRefused() throws IOException {
    run.train.put("schedule", "step");
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessage("golden.json: train.schedule is 'step' (expected: constant or cosine)");
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    run.tensors.remove("transformer.h.1.ln_2.weight");
    assertThat(failure()).isInstanceOf(ReplayException.class).hasMessage(
        "init.safetensors has no tensor 'transformer.h.1.ln_2.weight', which a model of this configuration needs");
  }

  @Test
  void aTensorOfTheWrongShapeIsNamedWithBothShapes() throws IOException {
    run.shapes.put("transformer.h.0.mlp.c_fc.weight", new long[] {8, 32});
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessage("init.safetensors: 'transformer.h.0.mlp.c_fc.weight' has shape [8, 32], needed [32, 8]");
  }

  @Test
  void tensorsTheModelDoesNotHaveAreListed() throws IOException {
    run.tensors.put("lm_head.weight", new double[7]);
    run.tensors.put("extra", new double[1]);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessage("init.safetensors has tensors the model does not: [extra, lm_head.weight]");
  }

  @Test
  void masksWithoutSparsityAreRefused() throws IOException {
    double[] ones = new double[64];
    Arrays.fill(ones, 1);
    run.tensors.put("transformer.h.0.attn.c_proj.weight.mask", ones);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageContaining("[transformer.h.0.attn.c_proj.weight.mask]")
        .hasMessageEndingWith("; a run with masks needs config.sparsity above 0");
  }

  @Test
  void sparsityWithoutMasksIsRefused() throws IOException {
    run.config.put("sparsity", 0.5);
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessageContaining("no tensor 'transformer.h.0.attn.c_attn.weight.mask'");
  }

  @Test
  void truncatedBatchesAreRefused() throws IOException {
    run.write(folder);
    Path batches = folder.resolve("batches.u16");
    Files.write(batches, Arrays.copyOf(Files.readAllBytes(batches), 18));
    assertThat(failure(folder)).isInstanceOf(DataException.class).hasMessageContaining("found 18 bytes, needed 20 for")
        .hasMessageContaining(batches.toString());
  }

  @ParameterizedTest
  @CsvSource({"init.safetensors", "batches.u16"})
  void aMissingFileIsNamed(String name) throws IOException {
    Files.delete(run.write(folder).resolve(name));
    assertThat(failure(folder)).isInstanceOfAny(SafetensorsException.class, DataException.class)
        .hasMessageContaining(folder.resolve(name).toString());
  }

  @Test
  void aFinalNormForEveryParameterIsNeeded() throws IOException {
    run.golden.put("final_param_l2", Map.of("transformer.wte.weight", 1.0));
    assertThat(failure()).isInstanceOf(ReplayException.class)
        .hasMessage("golden.json: final_param_l2 lacks 'transformer.wpe.weight'");
  }
}
