package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.CountingBackend;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps after the first submit the kernels of the first again: same bits, hardly any memory. What a backend takes for
 * its kernels is not core's, and how soon its vectors cease to be objects is the compiler's: both are left out.
 */
class ReplayedStepTest {
  private static final int VOCABULARY = 13;
  private static final int STEPS = 4;
  private static final Schedule SCHEDULE = new Schedule(new Schedule.Shape.Linear(), 1, 10);

  @TempDir
  private Path folder;

  /** A backend that keeps what it runs, and can be told to fail at the next activation. */
  private static final class Witness extends DelegatingBackend {
    private final List<Kernel> kernels = new ArrayList<>();
    private boolean failing;

    Witness(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      if (failing && kernel instanceof AttentionGradient) {
        failing = false;
        throw new IllegalStateException("told to");
      }
      super.submit(kernel);
      kernels.add(kernel);
    }
  }

  /** A backend that runs nothing, so that what a step allocates is core's own. */
  private static final class Idle extends DelegatingBackend {
    Idle(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {}
  }

  private static TransformerConfig config(int layers) {
    return TransformerConfig.gpt(VOCABULARY, 8, layers, 2, 16).biases(true).density(0.5);
  }

  private static Transformer model(Backend backend, int layers) {
    Scaling scaling = new Scaling(Parameterization.muP(), config(layers).relativeTo(config(layers)),
        BaseHyperparameters.withLearningRate(0.01));
    return new Transformer(backend, DType.F32, config(layers), scaling, 1);
  }

  private static Trainer trainer(Transformer model, int microBatches) {
    return new Trainer(model, new ChainBatches(1, VOCABULARY, microBatches, 2, 8), AdamWSettings.defaults(), SCHEDULE);
  }

  /** One way of making a step. */
  @FunctionalInterface
  private interface Stepping {
    StepReport step(Trainer trainer, int number);
  }

  /** A run by one trainer, which replays all steps but the first. */
  private static List<Object> replayed(Backend backend, Stepping stepping) {
    List<Object> outcome = new ArrayList<>();
    try (Transformer model = model(backend, 2); Trainer trainer = trainer(model, 2)) {
      for (int step = 0; step < STEPS; step++) {
        outcome.add(stepping.step(trainer, step));
      }
      model.parameters().forEach(parameter -> outcome.add(parameter.value().toDoubles()));
    }
    return outcome;
  }

  /** The same run with a trainer of its own for each step, none of which has anything to replay. */
  private List<Object> taped(Backend backend, Stepping stepping) {
    List<Object> outcome = new ArrayList<>();
    Path state = folder.resolve("state.safetensors");
    try (Transformer model = model(backend, 2)) {
      for (int step = 0; step < STEPS; step++) {
        try (Trainer trainer = trainer(model, 2)) {
          if (step > 0) {
            trainer.restore(state);
          }
          outcome.add(stepping.step(trainer, step));
          trainer.save(state);
        }
      }
      model.parameters().forEach(parameter -> outcome.add(parameter.value().toDoubles()));
    }
    return outcome;
  }

  @Test
  void replayedStepsHaveTheBitsOfTapedOnes() {
    try (Backend backend = TestBackends.vector(2)) {
      assertThat(replayed(backend, (trainer, _) -> trainer.step()))
          .usingRecursiveComparison().isEqualTo(taped(backend, (trainer, _) -> trainer.step()));
    }
  }

  @Test
  void whatHappensBetweenStepsDoesNotShow() {
    Path aside = folder.resolve("aside.safetensors");
    try (Backend backend = TestBackends.vector(1)) {
      List<Object> plain = replayed(backend, (trainer, _) -> trainer.step());
      assertThat(replayed(backend, (trainer, number) -> {
        trainer.evaluate(new ChainBatches(2, VOCABULARY, 1, 2, 8), 2);
        trainer.save(aside);
        if (number > 0) {
          trainer.step();
          trainer.restore(aside);
        }
        return trainer.step();
      })).usingRecursiveComparison().isEqualTo(plain);
    }
  }

  @Test
  void observedStepsAreTapedAndLeaveTheOthersAsTheyAre() {
    try (Backend backend = TestBackends.vector(1)) {
      int[] seen = new int[1];
      Stepping stepping = (trainer, number) ->
          number % 2 == 0 ? trainer.step() : trainer.step((_, _, _) -> seen[0]++);
      List<Object> replayed = replayed(backend, stepping);
      int seenByOne = seen[0];
      assertThat(seenByOne).isPositive();
      assertThat(replayed).usingRecursiveComparison().isEqualTo(taped(backend, stepping));
      assertThat(seen[0]).isEqualTo(2 * seenByOne);
    }
  }

  @Test
  void theKernelsOfAStepAreThoseOfTheFirst() {
    try (Witness backend = new Witness(TestBackends.vector(1)); Transformer model = model(backend, 2);
        Trainer trainer = trainer(model, 2)) {
      List<List<Kernel>> steps = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        backend.kernels.clear();
        trainer.step();
        steps.add(List.copyOf(backend.kernels));
      }
      assertThat(steps).allSatisfy(step -> assertThat(step).hasSameSizeAs(steps.getFirst())
          .allSatisfy(kernel -> assertThat(steps.getFirst()).anyMatch(first -> first == kernel)));
    }
  }

  @Test
  void afterAPassThatFailedTheTapeIsUsedAgain() {
    List<Object> whole;
    try (Backend backend = TestBackends.vector(1)) {
      whole = replayed(backend, (trainer, _) -> trainer.step());
    }
    try (Witness backend = new Witness(TestBackends.vector(1))) {
      assertThat(replayed(backend, (trainer, _) -> {
        // Once while the pass is captured, later while it is replayed.
        backend.failing = true;
        assertThatThrownBy(trainer::step).isInstanceOf(IllegalStateException.class).hasMessage("told to");
        return trainer.step();
      })).usingRecursiveComparison().isEqualTo(whole);
    }
  }

  @Test
  void aThousandWarmStepsTakeNoBufferAndLittleHeap() {
    try (CountingBackend backend = new CountingBackend(new Idle(TestBackends.vector(1)));
        Transformer model = model(backend, 12); Trainer trainer = trainer(model, 1)) {
      trainer.step();
      int buffers = backend.allocations();
      long[] bytes = allocated(trainer, 1000);

      assertThat(backend.allocations()).isEqualTo(buffers);
      // Medians, for what is compiled in the meantime takes less than what is interpreted.
      double early = median(Arrays.copyOf(bytes, 500));
      double late = median(Arrays.copyOfRange(bytes, 500, 1000));
      assertThat(early).isPositive().isLessThan(5_000);
      assertThat(late).isLessThanOrEqualTo(early);
    }
  }

  @Test
  void theHeapOfAWarmStepDoesNotGrowWithTheModel() {
    double shallow = coresOwn(1);
    double deep = coresOwn(12);

    assertThat(shallow).isPositive();
    assertThat(deep).isLessThan(shallow + 100);
  }

  /** Bytes of heap that core itself takes for a warm step. */
  private static double coresOwn(int layers) {
    try (Backend backend = new Idle(TestBackends.vector(1)); Transformer model = model(backend, layers);
        Trainer trainer = trainer(model, 1)) {
      trainer.step();
      return median(allocated(trainer, 100));
    }
  }

  /** Bytes of heap this thread takes in each step; with one compute thread there is no other. */
  private static long[] allocated(Trainer trainer, int steps) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[steps];
    for (int step = 0; step < steps; step++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      trainer.step();
      bytes[step] = threads.getCurrentThreadAllocatedBytes() - before;
    }
    return bytes;
  }

  private static double median(long[] values) {
    return Arrays.stream(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }
}
