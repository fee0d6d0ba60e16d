package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.SparseMatMul;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A model with compressed weights against the same one with masked weights. */
class CompressedTrainingTest {
  private static final long SEED = 3;
  private static final int VOCABULARY = 13;
  private static final int STEPS = 6;
  private static final TransformerConfig CONFIG =
      TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true).tiedHead(false).density(0.375);
  private static final Schedule SCHEDULE = new Schedule(new Schedule.Shape.Linear(), 2, STEPS);

  @TempDir private Path folder;
  @AutoClose private final Backend backend = TestBackends.reference();

  private static TransformerConfig stored(WeightStorage storage) {
    return CONFIG.sparsity(Sparsity.defaults().storage(storage));
  }

  private static Transformer model(Backend backend, Precision precision, TransformerConfig config, long seed) {
    Scaling scaling = new Scaling(Parameterization.suPar(), config.relativeTo(config.density(1)),
        new BaseHyperparameters(0.2, 0.01, 0.1, 1e-8, 1, 1));
    return new Transformer(backend, precision, config, scaling, seed);
  }

  private Transformer model(WeightStorage storage) {
    return model(backend, Precision.F64, stored(storage), SEED);
  }

  private static Trainer trainer(Transformer model) {
    return new Trainer(model, new ChainBatches(SEED, VOCABULARY, 2, 2, 8), AdamWSettings.defaults(), SCHEDULE);
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, names = {"F32", "F64"})
  void initialWeightsInEffectAreTheSameBits(Precision precision) {
    try (Backend fast = TestBackends.vector(2); Backend chosen = precision == Precision.F32 ? fast
            : TestBackends.reference();
        Transformer masked = model(chosen, precision, stored(WeightStorage.MASKED), SEED);
        Transformer compressed = model(chosen, precision, stored(WeightStorage.COMPRESSED), SEED)) {
      for (Parameter parameter : masked.parameters()) {
        assertThat(compressed.parameter(parameter.name()).effectiveWeights()).as(parameter.name())
            .isEqualTo(parameter.effectiveWeights());
      }
    }
  }

  @Test
  void lossesGradientNormsAndWeightsAgreeToRounding() {
    try (Transformer masked = model(WeightStorage.MASKED); Trainer one = trainer(masked);
        Transformer compressed = model(WeightStorage.COMPRESSED); Trainer other = trainer(compressed)) {
      for (int step = 0; step < STEPS; step++) {
        StepReport expected = one.step();
        StepReport report = other.step();
        assertThat(report.loss()).as("loss of step %d", step).isCloseTo(expected.loss(), within(1e-9));
        assertThat(report.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-8));
      }
      for (Parameter parameter : masked.parameters()) {
        // Adam divides the gradient by its size, which magnifies rounding where the gradient nearly vanishes.
        assertThat(compressed.parameter(parameter.name()).effectiveWeights()).as(parameter.name())
            .containsExactly(parameter.effectiveWeights(), within(1e-7));
      }
    }
  }

  @Test
  void everythingKeptOfAHiddenWeightIsAsLargeAsItsNonZeros() {
    try (Transformer model = model(WeightStorage.COMPRESSED);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, AdamWSettings.defaults())) {
      for (Parameter parameter : model.parameters()) {
        Topology topology = parameter.topology();
        assertThat(topology != null).as(parameter.name()).isEqualTo(parameter.role().isHiddenWeight());
        long stored = topology == null ? parameter.shape().elements() : topology.indices().nonZeros();
        assertThat(parameter.mask()).isNull();
        assertThat(parameter.value().shape().elements()).isEqualTo(stored);
        assertThat(parameter.gradient().shape()).isEqualTo(parameter.value().shape());
        for (String moment : List.of(".firstMoment", ".secondMoment")) {
          assertThat(Objects.requireNonNull(optimizer.moments().get(parameter.name() + moment)).shape())
              .isEqualTo(parameter.value().shape());
        }
        if (topology != null) {
          double share = (double) stored / parameter.shape().elements();
          assertThat(share).as(parameter.name()).isBetween(0.25, 0.5);
        }
      }
    }
  }

  @Test
  void aResumedRunHasTheSameBits() {
    List<StepReport> whole = new ArrayList<>();
    List<StepReport> parts = new ArrayList<>();
    Path file = folder.resolve("state.safetensors");
    try (Transformer model = model(WeightStorage.COMPRESSED); Trainer trainer = trainer(model)) {
      for (int step = 0; step < STEPS; step++) {
        if (step == 3) {
          trainer.save(file);
        }
        whole.add(trainer.step());
      }
    }
    try (Transformer model = model(WeightStorage.COMPRESSED); Trainer trainer = trainer(model)) {
      trainer.restore(file);
      for (int step = 3; step < STEPS; step++) {
        parts.add(trainer.step());
      }
    }
    assertThat(parts).isEqualTo(whole.subList(3, STEPS));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "MASKED     | 0.375 | 3 | is compressed, the model needs it masked; set density and storage",
    "COMPRESSED | 1     | 3 | is compressed, the model needs it dense; set density and storage",
    "COMPRESSED | 0.5   | 3 | holds another pattern than the model's; set seed, density and pattern",
    "COMPRESSED | 0.375 | 4 | holds another pattern than the model's; set seed, density and pattern"})
  void aCheckpointWithAnotherPatternIsRefusedAndChangesNothing(
      WeightStorage storage, double density, long seed, String message) {
    Path file = folder.resolve("state.safetensors");
    try (Transformer model = model(WeightStorage.COMPRESSED); Trainer trainer = trainer(model)) {
      trainer.step();
      trainer.save(file);
    }
    try (Transformer model = model(backend, Precision.F64, stored(storage).density(density), seed);
        Trainer trainer = trainer(model)) {
      double[] before = model.parameter("tokens").effectiveWeights();
      assertThatThrownBy(() -> trainer.restore(file)).isInstanceOf(SafetensorsException.class)
          .hasMessageContainingAll("state.safetensors", "'blocks.0.attention.qkv.weight", message.split(";")[0],
              message.split(";")[1]);
      assertThat(model.parameter("tokens").effectiveWeights()).isEqualTo(before);
      assertThat(trainer.nextStep()).isZero();
    }
  }

  /** A backend that has no sparse products. */
  private static final class DenseOnly extends DelegatingBackend {
    DenseOnly(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      if (kernel instanceof SparseMatMul) {
        throw new KernelException("SparseMatMul: not in this library");
      }
      super.submit(kernel);
    }
  }

  @Test
  void theStorageIsChosenByWhatTheBackendHasAndSaysSo() {
    try (Backend dense = new DenseOnly(TestBackends.reference());
        Transformer masked = model(dense, Precision.F64, stored(WeightStorage.AUTO), SEED);
        Transformer rounded = model(backend, Precision.BF16, stored(WeightStorage.AUTO), SEED);
        Transformer compressed = model(WeightStorage.AUTO)) {
      assertThat(masked.sparseStorage().storage()).isEqualTo(WeightStorage.MASKED);
      assertThat(masked.sparseStorage().reason()).contains("'reference'", "no sparse products", "not in this library");
      assertThat(masked.parameter("blocks.1.feedForward.up.weight").mask()).isNotNull();
      assertThat(rounded.sparseStorage().storage()).isEqualTo(WeightStorage.MASKED);
      assertThat(rounded.sparseStorage().reason()).contains("BF16", "need dense weights");
      assertThat(compressed.sparseStorage().storage()).isEqualTo(WeightStorage.COMPRESSED);
      assertThat(compressed.sparseStorage().reason()).contains("'reference' has sparse products");
    }
  }

  @Test
  void compressedWeightsWhereTheyCannotBeAreRefused() {
    try (Backend dense = new DenseOnly(TestBackends.reference())) {
      assertThatThrownBy(() -> model(dense, Precision.F64, stored(WeightStorage.COMPRESSED), SEED))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("storage is compressed", "'reference' has no sparse products", "expected:",
              "set storage to masked");
    }
    assertThatThrownBy(() -> model(backend, Precision.BF16, stored(WeightStorage.COMPRESSED), SEED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("storage is compressed", "BF16 products need dense weights", "set storage to masked");
  }

  @ParameterizedTest
  @EnumSource(value = WeightStorage.class, names = {"MASKED", "COMPRESSED"})
  void rowsLeftWithNoWeightAreRefusedUnlessAllowed(WeightStorage storage) {
    TransformerConfig config = stored(storage).density(0.05);

    assertThatThrownBy(() -> model(backend, Precision.F64, config, SEED)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'blocks.0.attention.qkv.weight'", "rows have no weight at density 0.05",
            "at least one of the 16", "allow empty rows");
    TransformerConfig allowed = config.sparsity(config.sparsity().emptyRows(true));
    try (Transformer model = model(backend, Precision.F64, allowed, SEED);
        Trainer trainer = trainer(model)) {
      assertThat(trainer.step().loss()).isFinite();
    }
  }
}
