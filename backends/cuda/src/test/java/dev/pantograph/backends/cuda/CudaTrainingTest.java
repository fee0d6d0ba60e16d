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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

    List<Double> losses(int steps) {
      List<Double> losses = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        losses.add(trainer.step().loss());
      }
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
      run.losses(2);
      long allocations = fake.calls("cuMemAlloc_v2");
      long launches = fake.calls("cuLaunchKernel");
      long graphs = fake.calls("cuGraphLaunch");
      run.losses(3);
      assertThat(fake.calls("cuMemAlloc_v2")).isEqualTo(allocations);
      assertThat(fake.calls("cuGraphLaunch") - graphs).as("two passes a step").isEqualTo(6);
      assertThat(fake.calls("cuLaunchKernel") - launches).as("norm and update, a step").isLessThanOrEqualTo(3 * 4);
    }
  }

  @Test
  void aDeviceThatIsLostLeavesTheLastCheckpointAsItWas() throws IOException {
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
    fake.fail("cuStreamSynchronize", LAUNCH_FAILED, 1, true);
    assertThatThrownBy(() -> run.losses(2)).isInstanceOf(CudaException.class)
        .hasMessageContainingAll("CUDA_ERROR_LAUNCH_FAILED", "Fake device", "start it again");
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
