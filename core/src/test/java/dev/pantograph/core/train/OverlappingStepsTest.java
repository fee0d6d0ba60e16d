package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.LateBackend;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Sum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that run into one another, on a backend where that shows, beside steps that are waited for one by one. */
class OverlappingStepsTest {
  private static final int VOCABULARY = 13;
  private static final int STEPS = 6;
  private static final double LEARNING_RATE = 0.01;
  private static final TransformerConfig CONFIG = TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true);

  @TempDir
  private Path folder;

  /** A model, what trains it, and what came out. */
  private static final class Run implements AutoCloseable {
    private final Backend backend;
    private final Transformer model;
    private final Trainer trainer;
    private final List<StepReport> reports = new ArrayList<>();

    Run(Backend backend, int microBatches, double learningRate) {
      this.backend = backend;
      Scaling scaling = new Scaling(Parameterization.muP(), CONFIG.relativeTo(CONFIG),
          new BaseHyperparameters(0.2, learningRate, 0.1, 1e-8, 1, 1));
      model = new Transformer(backend, DType.F32, CONFIG, scaling, 1);
      trainer = new Trainer(model, new ChainBatches(1, VOCABULARY, microBatches, 2, 8), AdamWSettings.defaults(),
          new Schedule(new Schedule.Shape.Linear(), 1, 20));
    }

    static Run late(int microBatches) {
      return new Run(new LateBackend(TestBackends.vector(1)), microBatches, LEARNING_RATE);
    }

    Run steps(int count) {
      for (int i = 0; i < count; i++) {
        reports.add(trainer.step());
      }
      return this;
    }

    Run train(int count) {
      trainer.train(count, reports::add);
      return this;
    }

    List<double[]> weights() {
      return model.parameters().stream().map(parameter -> parameter.value().toDoubles()).toList();
    }

    void requireSame(Run other) {
      assertThat(reports).isEqualTo(other.reports);
      requireSameState(other);
    }

    void requireSameState(Run other) {
      assertThat(trainer.nextStep()).isEqualTo(other.trainer.nextStep());
      assertThat(weights()).usingRecursiveComparison().isEqualTo(other.weights());
    }

    byte[] saved(Path file) throws IOException {
      trainer.save(file);
      return Files.readAllBytes(file);
    }

    @Override
    public void close() {
      trainer.close();
      model.close();
      backend.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theyHaveTheBitsOfStepsOneByOne(int microBatches) throws IOException {
    try (Run one = Run.late(microBatches).steps(STEPS); Run overlapping = Run.late(microBatches).train(STEPS)) {
      overlapping.requireSame(one);
      assertThat(overlapping.saved(folder.resolve("overlapping"))).isEqualTo(one.saved(folder.resolve("one")));
      overlapping.train(1).steps(1).train(0).train(2);
      one.steps(4);
      overlapping.requireSame(one);
    }
  }

  @Test
  void theHostWaitsForAStepBetweenThePassesOfTheNextAndItsUpdate() {
    try (LateBackend backend = new LateBackend(TestBackends.vector(1)); Run run = new Run(backend, 2, LEARNING_RATE)) {
      run.train(1);
      backend.events().clear();
      run.train(3);

      List<String> marks = backend.events().stream()
          .filter(event -> List.of("CrossEntropy", "AdamW", LateBackend.WAIT).contains(event)).toList();
      // Two losses and a norm are waited for.
      assertThat(marks).containsExactly("CrossEntropy", "CrossEntropy", "AdamW",
          "CrossEntropy", "CrossEntropy", "wait", "wait", "wait", "AdamW",
          "CrossEntropy", "CrossEntropy", "wait", "wait", "wait", "AdamW", "wait", "wait", "wait");
    }
  }

  @Test
  void whereNothingHasToBeWaitedForAReportComesBeforeTheNextPass() {
    List<String> events = new ArrayList<>();
    Backend noting = new DelegatingBackend(TestBackends.vector(1)) {
      @Override
      public void submit(Kernel kernel) {
        super.submit(kernel);
        if (kernel instanceof AdamW || kernel instanceof EmbeddingGradient) {
          events.add(kernel.name());
        }
      }
    };
    try (Run run = new Run(noting, 1, LEARNING_RATE)) {
      run.trainer.train(2, report -> events.add("report " + report.step()));
      assertThat(events).containsExactly("EmbeddingGradient", "AdamW", "report 0", "EmbeddingGradient", "AdamW",
          "report 1");
    }
  }

  /** What ceases to be a number. */
  private enum Poison {
    /** A gradient, by which the norm shows it. */
    GRADIENT("gradient norm", "'tokens.gradient'"),
    /** The loss alone, of which the gradients know nothing. */
    LOSS("loss", "'losses'");

    private final String quantity;
    private final String tensor;

    Poison(String quantity, String tensor) {
      this.quantity = quantity;
      this.tensor = tensor;
    }
  }

  /** Poisons every step from one on. */
  private static final class PoisonedBackend extends DelegatingBackend {
    private final Poison poison;
    private final int healthy;
    private int updates;
    private boolean failing;

    PoisonedBackend(Backend backend, Poison poison, int healthy) {
      super(backend);
      this.poison = poison;
      this.healthy = healthy;
    }

    @Override
    public void submit(Kernel kernel) {
      if (failing && updates > healthy) {
        throw new IllegalStateException("told to");
      }
      super.submit(updates < healthy ? kernel : switch (kernel) {
        case EmbeddingGradient(var table, var positions, var dOut, var tokens, _) when poison == Poison.GRADIENT ->
            new EmbeddingGradient(table, positions, dOut, tokens, Double.NaN);
        case Sum(var out, var x, _, var accumulate) when poison == Poison.LOSS && out.elements() == 1 ->
            new Sum(out, x, Double.POSITIVE_INFINITY, accumulate);
        default -> kernel;
      });
      updates += kernel instanceof AdamW ? 1 : 0;
    }
  }

  private static PoisonedBackend poisoned(Poison poison, int healthy) {
    return new PoisonedBackend(new LateBackend(TestBackends.vector(1)), poison, healthy);
  }

  @ParameterizedTest
  @EnumSource
  void aStepThatDivergedLeavesEverythingAsItWas(Poison poison) throws IOException {
    for (int microBatches : new int[] {1, 3}) {
      int healthy = 3;
      try (Run expected = Run.late(microBatches).steps(healthy);
          Run run = new Run(poisoned(poison, healthy), microBatches, LEARNING_RATE)) {
        DivergenceException divergence =
            catchThrowableOfType(DivergenceException.class, () -> run.train(STEPS));

        assertThat(divergence.step()).isEqualTo(healthy);
        assertThat(divergence).hasMessageContainingAll("step 3: " + poison.quantity, poison.tensor);
        run.requireSame(expected);
        assertThat(run.saved(folder.resolve("diverged"))).isEqualTo(expected.saved(folder.resolve("expected")));
      }
    }
  }

  @Test
  void theActivationThatDivergedIsThatOfTheStepsOwnBatch() {
    UnaryOperator<Backend> same = UnaryOperator.identity();
    UnaryOperator<Backend> late = LateBackend::new;
    List<DivergenceException> divergences = new ArrayList<>();
    List<List<double[]>> weights = new ArrayList<>();
    for (UnaryOperator<Backend> way : List.of(same, late)) {
      try (Run run = new Run(way.apply(TestBackends.vector(1)), 1, 1e30)) {
        divergences.add(catchThrowableOfType(DivergenceException.class, () -> run.train(STEPS)));
        weights.add(run.weights());
        assertThat(run.trainer.nextStep()).isEqualTo(divergences.getLast().step());
      }
    }
    assertThat(divergences.getLast().step()).isPositive();
    assertThat(divergences.getLast()).hasMessage(divergences.getFirst().getMessage());
    assertThat(weights.getLast()).usingRecursiveComparison().isEqualTo(weights.getFirst());
  }

  @Test
  void aRunGoesOnFromACheckpointWithTheSameBits() {
    Path file = folder.resolve("state.safetensors");
    try (Run whole = Run.late(2).train(STEPS); Run half = Run.late(2).train(STEPS / 2); Run rest = Run.late(2)) {
      half.trainer.save(file);
      rest.trainer.restore(file);
      rest.train(STEPS - STEPS / 2);

      rest.requireSameState(whole);
      assertThat(rest.reports).isEqualTo(whole.reports.subList(STEPS / 2, STEPS));
    }
  }

  @Test
  void theListenerFindsTheStateAfterTheStepItHearsOf() throws IOException {
    ChainBatches held = new ChainBatches(2, VOCABULARY, 1, 2, 8);
    try (Run one = Run.late(2); Run overlapping = Run.late(2)) {
      List<Object> found = new ArrayList<>();
      overlapping.trainer.train(3, report -> {
        found.add(report);
        found.add(overlapping.trainer.nextStep());
        found.add(overlapping.weights());
        found.add(overlapping.trainer.evaluate(held, 2));
        overlapping.trainer.save(folder.resolve("overlapping" + report.step()));
      });
      List<Object> expected = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        expected.add(one.trainer.step());
        expected.add(one.trainer.nextStep());
        expected.add(one.weights());
        expected.add(one.trainer.evaluate(held, 2));
        assertThat(folder.resolve("overlapping" + step)).hasBinaryContent(one.saved(folder.resolve("one")));
      }
      assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  @Test
  void aListenerThatStopsARunLeavesItWhereItWas() {
    try (Run expected = Run.late(1).steps(STEPS); Run run = Run.late(1)) {
      Consumer<StepReport> stopping = report -> {
        run.reports.add(report);
        if (report.step() == 2) {
          throw new IllegalStateException("enough");
        }
      };
      assertThatThrownBy(() -> run.trainer.train(STEPS, stopping)).hasMessage("enough");
      assertThat(run.trainer.nextStep()).isEqualTo(3);
      run.train(STEPS - 3).requireSame(expected);
    }
  }

  @Test
  void theListenerMakesNoSteps() {
    Path file = folder.resolve("state.safetensors");
    try (Run run = Run.late(1)) {
      run.trainer.save(file);
      assertThatThrownBy(() -> run.trainer.train(2, _ -> run.trainer.step()))
          .isInstanceOf(IllegalStateException.class).hasMessageContainingAll("step", "listener of train");
      assertThatThrownBy(() -> run.trainer.train(2, _ -> run.trainer.restore(file)))
          .isInstanceOf(IllegalStateException.class).hasMessageContainingAll("restore", "listener of train");
      run.trainer.restore(file);
      assertThat(run.trainer.step().step()).isZero();
    }
  }

  @Test
  void aFailureDoesNotHideThatTheStepBeforeDiverged() throws IOException {
    int healthy = 2;
    PoisonedBackend backend = poisoned(Poison.GRADIENT, healthy);
    try (Run expected = Run.late(1).steps(healthy); Run run = new Run(backend, 1, LEARNING_RATE)) {
      backend.failing = true;
      assertThatThrownBy(() -> run.train(STEPS)).hasMessage("told to");
      backend.failing = false;
      Path file = folder.resolve("state.safetensors");
      assertThatThrownBy(() -> run.trainer.save(file)).isInstanceOf(DivergenceException.class)
          .hasMessageContainingAll("step 2", "gradient norm");
      assertThat(file).doesNotExist();
      assertThat(run.saved(file)).isEqualTo(expected.saved(folder.resolve("expected")));
    }
  }
}
