package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.CountingBackend;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final long SEED = 3;
  private static final int VOCABULARY = 13;
  private static final TransformerConfig CONFIG =
      TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true).tiedHead(false).density(0.5);
  private static final Schedule CONSTANT = new Schedule(new Schedule.Shape.Constant(), 0, 100);

  @AutoClose private final CountingBackend reference = new CountingBackend(TestBackends.reference());

  private static Transformer model(Backend backend, DType type, double learningRate, long seed) {
    return model(backend, type, CONFIG, learningRate, seed);
  }

  private static Transformer model(
      Backend backend, DType type, TransformerConfig config, double learningRate, long seed) {
    Scaling scaling = new Scaling(Parameterization.product(1), config.relativeTo(config),
        new BaseHyperparameters(0.2, learningRate, 0.1, 1e-8, 1, 1));
    return new Transformer(backend, type, config, scaling, seed);
  }

  private static Trainer trainer(Transformer model, ChainBatches batches) {
    return new Trainer(model, batches, AdamWSettings.defaults(), CONSTANT);
  }

  private static ChainBatches batches(int microBatches, int batch) {
    return new ChainBatches(SEED, VOCABULARY, microBatches, batch, 8);
  }

  private static List<double[]> values(Transformer model) {
    return model.parameters().stream().map(parameter -> parameter.value().toDoubles()).toList();
  }

  /** What a run is judged by: its losses, its gradient norms and the weights it ends with. */
  private record Outcome(List<StepReport> reports, List<double[]> parameters) {}

  private static Outcome train(int threads, long seed, int steps) {
    try (Backend backend = TestBackends.vector(threads); Transformer model = model(backend, DType.F32, 0.01, seed);
        Trainer trainer = trainer(model, batches(2, 4))) {
      List<StepReport> reports = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        reports.add(trainer.step());
      }
      return new Outcome(reports, values(model));
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() {
    Outcome one = train(1, SEED, 5);

    for (int threads = 2; threads <= 3; threads++) {
      Outcome more = train(threads, SEED, 5);
      assertThat(more.reports()).as("%d threads", threads).isEqualTo(one.reports());
      assertThat(more.parameters()).as("%d threads", threads).usingRecursiveComparison().isEqualTo(one.parameters());
    }
  }

  @Test
  void theSameRunTwiceHasTheSameBits() {
    assertThat(train(2, SEED, 3)).usingRecursiveComparison().isEqualTo(train(2, SEED, 3));
  }

  @Test
  void anotherSeedIsAnotherRun() {
    Outcome first = train(2, SEED, 3);
    Outcome second = train(2, SEED + 1, 3);

    for (int step = 0; step < 3; step++) {
      assertThat(second.reports().get(step).loss()).isNotEqualTo(first.reports().get(step).loss());
    }
  }

  @Test
  void trainingLowersTheLoss() {
    List<StepReport> reports = train(2, SEED, 60).reports();

    // From about ln 13 = 2.56 towards the chain's ln 4 = 1.39.
    assertThat(reports.getFirst().loss()).isBetween(2.4, 3.2);
    assertThat(reports.getLast().loss()).isLessThan(2.1);
  }

  @Test
  void microBatchesAddUpToOneBatch() {
    List<Outcome> outcomes = new ArrayList<>();
    for (int microBatches : new int[] {1, 3}) {
      try (Transformer model = model(reference, DType.F64, 0.01, SEED);
          Trainer trainer = trainer(model, batches(microBatches, 6 / (2 * microBatches)))) {
        assertThat(trainer.tokensPerStep()).isEqualTo(24);
        outcomes.add(new Outcome(List.of(trainer.step(), trainer.step()), values(model)));
      }
    }

    Outcome whole = outcomes.getFirst();
    Outcome parts = outcomes.getLast();
    for (int step = 0; step < 2; step++) {
      StepReport expected = whole.reports().get(step);
      assertThat(parts.reports().get(step).loss()).isCloseTo(expected.loss(), within(1e-12));
      assertThat(parts.reports().get(step).gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-12));
    }
    for (int i = 0; i < whole.parameters().size(); i++) {
      // Adam divides the gradient by its size, which magnifies rounding where the gradient nearly vanishes.
      assertThat(parts.parameters().get(i)).containsExactly(whole.parameters().get(i), within(1e-7));
    }
  }

  @Test
  void aWarmStepTakesNoMemoryFromTheBackend() {
    try (Transformer model = model(reference, DType.F64, 0.01, SEED); Trainer trainer = trainer(model, batches(2, 1))) {
      trainer.step();
      int allocations = reference.allocations();
      long bytes = trainer.workspaceBytes();

      trainer.step();
      trainer.evaluate(batches(1, 1), 2);
      trainer.step();

      assertThat(reference.allocations()).isEqualTo(allocations);
      assertThat(trainer.workspaceBytes()).isEqualTo(bytes).isPositive();
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunBeforeTheUpdate() {
    try (Backend backend = TestBackends.vector(1); Transformer model = model(backend, DType.F32, 1e30, SEED);
        Trainer trainer = trainer(model, batches(1, 2))) {
      List<double[]> before = values(model);
      DivergenceException divergence = null;
      while (divergence == null) {
        before = values(model);
        divergence = catchThrowableOfType(DivergenceException.class, trainer::step);
        assertThat(trainer.nextStep()).as("steps without divergence").isLessThan(10);
      }

      assertThat(divergence.step()).isPositive().isEqualTo(trainer.nextStep());
      assertThat(divergence.tensor()).isEqualTo("blocks.0: query, key, value");
      assertThat(divergence).hasMessageContainingAll("step " + divergence.step(), "'" + divergence.tensor() + "'");
      assertThat(values(model)).usingRecursiveComparison().isEqualTo(before);
    }
  }

  @Test
  void aParameterThatIsNoNumberIsNamed() {
    try (Transformer model = model(reference, DType.F64, 0.01, SEED); Trainer trainer = trainer(model, batches(1, 1))) {
      Parameter parameter = model.parameter("blocks.1.feedForward.up.bias");
      double[] values = parameter.value().toDoubles();
      values[3] = Double.NaN;
      parameter.value().set(values);

      assertThatThrownBy(trainer::step).isInstanceOf(DivergenceException.class)
          .hasMessageContainingAll("step 0", "loss is NaN", "'blocks.1.feedForward.up.bias'");
      assertThat(model.parameter("head").value().toDoubles()).doesNotContain(Double.NaN);
    }
  }

  @Test
  void aGradientThatIsNoNumberIsNamed() {
    Backend poisoned = new PoisonedEmbeddingGradient(TestBackends.reference());
    try (poisoned; Transformer model = model(poisoned, DType.F64, 0.01, SEED);
        Trainer trainer = trainer(model, batches(1, 1))) {
      List<double[]> before = values(model);

      assertThatThrownBy(trainer::step).isInstanceOf(DivergenceException.class)
          .hasMessageContainingAll("step 0", "gradient norm is NaN", "'tokens.gradient'");
      assertThat(values(model)).usingRecursiveComparison().isEqualTo(before);
    }
  }

  @Test
  void evaluationChangesNothing() {
    try (Transformer evaluated = model(reference, DType.F64, 0.01, SEED);
        Trainer one = trainer(evaluated, batches(1, 2));
        Transformer untouched = model(reference, DType.F64, 0.01, SEED);
        Trainer other = trainer(untouched, batches(1, 2))) {
      ChainBatches heldOut = new ChainBatches(SEED + 1, VOCABULARY, 1, 2, 8);
      one.step();
      other.step();
      List<double[]> before = values(evaluated);

      double first = one.evaluate(heldOut, 2);
      double second = one.evaluate(heldOut, 2);

      assertThat(second).isEqualTo(first);
      assertThat(values(evaluated)).usingRecursiveComparison().isEqualTo(before);
      assertThat(one.step()).isEqualTo(other.step());
      assertThat(values(evaluated)).usingRecursiveComparison().isEqualTo(values(untouched));
    }
  }

  @Test
  void evaluationIsTheLossTrainingWouldReport() {
    try (Transformer model = model(reference, DType.F64, 0.01, SEED); Trainer trainer = trainer(model, batches(1, 2))) {
      double evaluated = trainer.evaluate(batches(1, 2), 1);

      assertThat(trainer.step().loss()).isEqualTo(evaluated);
    }
  }

  @Test
  void everyStepAndEveryEvaluationBatchHasTokensOfItsOwn() {
    try (Transformer model = model(reference, DType.F64, 0, SEED); Trainer trainer = trainer(model, batches(1, 2))) {
      double first = trainer.step().loss();
      double second = trainer.step().loss();

      assertThat(second).as("loss of unchanged weights on the next batch").isNotEqualTo(first);
      assertThat(trainer.evaluate(batches(1, 2), 2)).isCloseTo((first + second) / 2, within(1e-15));
    }
  }

  @Test
  void evaluationBatchesOfAnotherShapeAreRefused() {
    try (Transformer model = model(reference, DType.F64, 0.01, SEED); Trainer trainer = trainer(model, batches(1, 2))) {
      assertThatThrownBy(() -> trainer.evaluate(batches(1, 3), 1)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("[3, 8]", "[2, 8]");
    }
  }

  @Test
  void theReportHasTheScheduledLearningRate() {
    Schedule schedule = new Schedule(new Schedule.Shape.Linear(), 2, 4);
    try (Transformer model = model(reference, DType.F64, 0.01, SEED);
        Trainer trainer = new Trainer(model, batches(1, 1), AdamWSettings.defaults(), schedule)) {
      List<double[]> before = values(model);
      StepReport first = trainer.step();
      assertThat(values(model)).as("weights after a step at rate 0").usingRecursiveComparison().isEqualTo(before);

      List<StepReport> reports = List.of(first, trainer.step(), trainer.step(), trainer.step());
      assertThat(reports).extracting(StepReport::step).containsExactly(0L, 1L, 2L, 3L);
      assertThat(reports).extracting(StepReport::learningRate).containsExactly(0.0, 0.005, 0.01, 0.005);
    }
  }

  @Test
  void maskedWeightsStayOutOfEveryStep() {
    TransformerConfig masked = CONFIG.sparsity(Sparsity.defaults().storage(WeightStorage.MASKED));
    try (Transformer model = model(reference, DType.F64, masked, 0.01, SEED); Trainer trainer = trainer(model, batches(1, 1))) {
      Parameter parameter = model.parameter("blocks.0.feedForward.up.weight");
      double[] mask = Objects.requireNonNull(parameter.mask()).toDoubles();
      double[] start = parameter.value().toDoubles();
      for (int step = 0; step < 3; step++) {
        trainer.step();
      }

      double[] end = parameter.value().toDoubles();
      assertThat(parameter.mask().toDoubles()).isEqualTo(mask);
      for (int i = 0; i < mask.length; i++) {
        if (mask[i] == 0) {
          // Three steps of weight decay, η·λ each, and nothing else.
          assertThat(end[i]).isCloseTo(start[i] * Math.pow(1 - 0.01 * 0.1, 3), within(1e-15));
        }
      }
      assertThat(Arrays.equals(start, end)).isFalse();
    }
  }

  /** A backend whose embedding gradients are not numbers. */
  private static final class PoisonedEmbeddingGradient extends DelegatingBackend {
    PoisonedEmbeddingGradient(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel instanceof EmbeddingGradient(var table, var positions, var dOut, var tokens, _)
          ? new EmbeddingGradient(table, positions, dOut, tokens, Double.NaN) : kernel);
    }
  }
}
