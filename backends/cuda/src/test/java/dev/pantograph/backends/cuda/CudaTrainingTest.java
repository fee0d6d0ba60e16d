package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Philox;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Short runs of a small model, whose products cuBLASLt's look-alike takes and whose steps are recorded. */
@Timeout(120)
class CudaTrainingTest {
  private static final int VOCABULARY = 16;
  private static final int STEPS = 6;
  private static final int LAUNCH_FAILED = 719;
  private static final TransformerConfig CONFIG =
      TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true);

  @TempDir
  private Path folder;

  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  /** Tokens at random, in which the next is often the one after. */
  private record Counting(int batch, int time, int microBatches) implements BatchSource {
    @Override
    public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
      for (int i = 0; i < batch * time; i++) {
        int token = (int) Philox.below(VOCABULARY, step, micro, i);
        inputs.setAtIndex(ValueLayout.JAVA_INT, i, token);
        targets.setAtIndex(ValueLayout.JAVA_INT, i, (token + 1) % VOCABULARY);
      }
    }
  }

  /** A model, what trains it, and where. */
  private static final class Run implements AutoCloseable {
    private final Backend backend;
    private final Transformer model;
    private final Trainer trainer;

    Run(Backend backend, Precision precision) {
      this.backend = backend;
      Scaling scaling = new Scaling(
          Parameterization.muP(), CONFIG.relativeTo(CONFIG), BaseHyperparameters.withLearningRate(0.01));
      model = new Transformer(backend, precision, CONFIG, scaling, 1);
      trainer = new Trainer(model, new Counting(2, 8, 2), AdamWSettings.defaults(),
          new Schedule(new Schedule.Shape.Linear(), 1, 2 * STEPS));
    }

    /** Of steps that run into one another. */
    List<Double> losses(int steps) {
      List<Double> losses = new ArrayList<>();
      trainer.train(steps, report -> losses.add(report.loss()));
      return losses;
    }

    @Override
    public void close() {
      trainer.close();
      model.close();
      backend.close();
    }
  }

  private static List<Double> expected() {
    try (Run run = new Run(new ReferenceBackendProvider().open(BackendOptions.defaults()), Precision.F32)) {
      return run.losses(STEPS);
    }
  }

  @Test
  void lossesAreThoseOfTheOracle() {
    List<Double> expected = expected();
    for (Precision precision : List.of(Precision.F32, Precision.BF16)) {
      double tolerance = precision == Precision.F32 ? 1e-4 : 1e-2;
      try (Run run = new Run(fake.open(), precision)) {
        List<Double> losses = run.losses(STEPS);
        for (int step = 0; step < STEPS; step++) {
          assertThat(losses.get(step)).as("%s, step %d", precision, step)
              .isCloseTo(expected.get(step), within(tolerance * expected.get(step)));
        }
      }
    }
    assertThat(expected.getLast()).isLessThan(expected.getFirst());
  }

  @Test
  void aWarmStepTakesNoMemoryAndIsLaunchedAsOne() {
    try (Run run = new Run(fake.open(), Precision.BF16)) {
      run.losses(3);
      List<String> calls = fake.callsOf(() -> run.losses(3));
      assertThat(calls).doesNotContain("cuMemAlloc_v2", "cuMemAllocAsync", "cuMemHostAlloc", "cuEventCreate");
      assertThat(Collections.frequency(calls, "cuGraphLaunch")).as("two passes a step").isEqualTo(6);
      assertThat(Collections.frequency(calls, "cuLaunchKernel")).as("norm and update, a step")
          .isLessThanOrEqualTo(3 * 4);
    }
  }

  @Test
  void theHostWaitsForAStepWhenThePassesOfTheNextAreQueued() {
    try (Run run = new Run(fake.open(), Precision.BF16)) {
      run.losses(3);
      List<String> marks = fake.callsOf(() -> run.losses(3)).stream()
          .filter(List.of("cuGraphLaunch", "cuStreamSynchronize", "cuEventSynchronize", "cuEventQuery",
              "cuCtxSynchronize")::contains).toList();
      List<String> passes = List.of("cuGraphLaunch", "cuGraphLaunch");
      // Two losses and a norm.
      List<String> waits = List.of("cuEventSynchronize", "cuEventSynchronize", "cuEventSynchronize");
      assertThat(marks).isEqualTo(
          Stream.of(passes, passes, waits, passes, waits, waits).flatMap(List::stream).toList());
    }
  }

  @Test
  void stepsThatRunIntoOneAnotherHaveTheBitsOfStepsOneByOne() {
    List<Double> overlapping;
    try (Run run = new Run(fake.open(), Precision.BF16)) {
      overlapping = run.losses(STEPS);
    }
    try (Run run = new Run(fake.open(), Precision.BF16)) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(run.trainer.step().loss()).isEqualTo(overlapping.get(step));
      }
    }
  }

  /** Each event is one number that the host waits for: losses of two micro-batches and the norm. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void aDeviceThatIsLostLeavesTheLastCheckpointAsItWas(long afterWaits) throws IOException {
    Path checkpoint = folder.resolve("run.safetensors");
    List<Double> after;
    try (Run run = new Run(fake.open(), Precision.F32)) {
      run.losses(2);
      run.trainer.save(checkpoint);
      after = run.losses(2);
    }
    byte[] saved = Files.readAllBytes(checkpoint);
    Run run = new Run(fake.open(), Precision.F32);
    run.trainer.restore(checkpoint);
    run.losses(1);
    fake.fail("cuEventSynchronize", LAUNCH_FAILED, afterWaits, true);
    assertThatThrownBy(() -> run.losses(2)).isInstanceOf(CudaException.class)
        .hasMessageContainingAll("cuEventSynchronize", "CUDA_ERROR_LAUNCH_FAILED", "Fake device", "start it again",
            "read-back of buffer");
    assertThatThrownBy(() -> run.trainer.save(checkpoint)).isInstanceOf(CudaException.class);
    run.close();
    fake.reset();

    assertThat(checkpoint).hasBinaryContent(saved);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(checkpoint);
    }
    try (Run resumed = new Run(fake.open(), Precision.F32)) {
      resumed.trainer.restore(checkpoint);
      assertThat(resumed.losses(2)).isEqualTo(after);
    }
  }
}
