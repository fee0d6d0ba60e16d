package dev.pantograph.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.Numbers;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  private static final long SEED = 5;
  private static final int VOCABULARY = 7;
  private static final TransformerConfig SMALL = TransformerConfig.gpt(VOCABULARY, 6, 2, 2, 8);

  /** A backend that keeps what it runs. */
  private static final class Witness extends DelegatingBackend {
    private final List<Kernel> kernels = new ArrayList<>();

    Witness(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel);
      kernels.add(kernel);
    }
  }

  @AutoClose private final Witness backend = new Witness(TestBackends.reference());
  @AutoClose private final Storage storage = new Storage(backend);

  private Transformer model(Precision precision, TransformerConfig config) {
    Scaling scaling = new Scaling(Parameterization.product(0.5), config.relativeTo(SMALL),
        new BaseHyperparameters(0.5, 0.01, 0.1, 1e-8, 1.5, 0.75));
    return new Transformer(backend, precision, config, scaling, SEED);
  }

  private Tensor tokens(long stream) {
    Tensor tensor = storage.allocate("tokens", DType.I32, Shape.of(3, 6));
    tensor.set(Numbers.below(VOCABULARY, SEED, stream, 18));
    return tensor;
  }

  /** The gradient of each parameter, after a pass in that precision. */
  private Map<String, double[]> gradients(Precision precision, TransformerConfig config) {
    try (Transformer model = model(precision, config); Workspace workspace = new Workspace(backend)) {
      Tape tape = Tape.recording(workspace);
      tape.backward(model.loss(tape, tokens(1), tokens(2), 1, null));
      Map<String, double[]> gradients = new LinkedHashMap<>();
      model.parameters().forEach(parameter -> gradients.put(parameter.name(), parameter.gradient().toDoubles()));
      assertThat(model.parameters()).allSatisfy(parameter -> {
        assertThat(parameter.value().type()).isEqualTo(precision.parameters());
        assertThat(parameter.gradient().type()).isEqualTo(precision.parameters());
      });
      return gradients;
    }
  }

  @ParameterizedTest(name = "biases {0}, tied head {1}, density {2}, {3}, {4}, positions {5}")
  @CsvSource({
    "true, false, 0.5, LAYER, GELU, LEARNED", "false, true, 1, LAYER, GELU_TANH, ALIBI",
    "true, true, 1, RMS, GELU, NONE", "true, false, 0.5, RMS, SWIGLU, ALIBI", "false, true, 1, LAYER, SWIGLU, LEARNED"
  })
  void gradientsDifferFromExactOnesByRounding(boolean biases, boolean tiedHead, double density,
      Normalization normalization, FeedForwardActivation activation, Positions positions) {
    TransformerConfig config = SMALL.biases(biases).tiedHead(tiedHead).density(density)
        .normalization(normalization).activation(activation).positions(positions);

    Map<String, double[]> exact = gradients(Precision.F64,
        config.sparsity(Sparsity.defaults().storage(WeightStorage.MASKED).emptyRows(true)));
    Map<String, double[]> rounded = gradients(Precision.BF16, config);

    // Each of some twenty roundings between a weight and the loss is by at most 2⁻⁹; steep attention and cancellation
    // make of that what is allowed here. A factor that is left out is an error of the size of the gradient.
    exact.forEach((name, gradient) -> {
      double error = Numbers.norm(Numbers.difference(Objects.requireNonNull(rounded.get(name)), gradient));
      assertThat(error / Numbers.norm(gradient)).as(name).isBetween(1e-5, 0.1);
    });
  }

  @Test
  void everyProductMultipliesBfloat16AndTheParametersGradientsAreFloat32() {
    gradients(Precision.BF16, SMALL.biases(true).density(0.5));

    List<MatMul> products = backend.kernels.stream().filter(MatMul.class::isInstance).map(MatMul.class::cast).toList();
    assertThat(products).isNotEmpty().allSatisfy(product -> {
      assertThat(product.a().type()).isEqualTo(DType.BF16);
      assertThat(product.b().type()).isEqualTo(DType.BF16);
    });
    assertThat(products).filteredOn(product -> product.epilogue() instanceof MatMul.Epilogue.RowSums)
        .isNotEmpty().allSatisfy(product -> assertThat(product.out().type()).isEqualTo(DType.F32));
    assertThat(backend.kernels).flatExtracting(Kernel::operands).extracting(Kernel.Operand::view)
        .extracting(View::type).doesNotContain(DType.F64);
  }

  @Test
  void activationsTakeHalfTheMemory() {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, 32, 2, 1, 4);
    // The residual stream, 2 of 16 widths a layer, stays float32; there is hardly a weight in this model.
    assertThat((double) workspaceBytes(Precision.BF16, config) / workspaceBytes(Precision.F32, config))
        .isBetween(0.5, 0.65);
  }

  private long workspaceBytes(Precision precision, TransformerConfig config) {
    try (Transformer model = model(precision, config);
        Trainer trainer = new Trainer(model, new ChainBatches(SEED, VOCABULARY, 1, 16, 32), AdamWSettings.defaults(),
            new Schedule(new Schedule.Shape.Constant(), 0, 1))) {
      trainer.step();
      return trainer.workspaceBytes();
    }
  }

  @Test
  void weightsOfAPassTakeHalfTheMemory() {
    try (Transformer model = model(Precision.BF16, SMALL); Workspace workspace = new Workspace(backend)) {
      model.loss(Tape.inference(workspace), tokens(1), tokens(2), 1, null);

      for (Parameter parameter : model.parameters()) {
        if (parameter.role().isHiddenWeight()) {
          assertThat(backend.kernels).filteredOn(MatMul.class::isInstance)
              .anySatisfy(kernel -> assertThat(((MatMul) kernel).b().bytes())
                  .isEqualTo(parameter.value().view().bytes() / 2));
        }
      }
    }
  }

  @Test
  void aCheckpointIsTheSameInEitherPrecision(@TempDir Path folder) {
    Path file = folder.resolve("model.safetensors");
    ChainBatches batches = new ChainBatches(SEED, VOCABULARY, 2, 2, 6);
    Schedule schedule = new Schedule(new Schedule.Shape.Constant(), 0, 10);
    try (Transformer mixed = model(Precision.BF16, SMALL.biases(true)); Transformer exact = model(Precision.F32,
        SMALL.biases(true)); Trainer first = new Trainer(mixed, batches, AdamWSettings.defaults(), schedule);
        Trainer second = new Trainer(exact, batches, AdamWSettings.defaults(), schedule)) {
      first.step();
      first.save(file);
      second.restore(file);

      for (Parameter parameter : mixed.parameters()) {
        assertThat(exact.parameter(parameter.name()).value().toDoubles()).isEqualTo(parameter.value().toDoubles());
      }
      assertThat(second.step().loss()).isCloseTo(first.step().loss(), within(0.01));
    }
  }

  @Test
  void parametersAreNeverHeldInBfloat16() {
    assertThat(Precision.of(DType.F64)).isEqualTo(Precision.F64);
    assertThatIllegalArgumentException().isThrownBy(() -> Precision.of(DType.BF16))
        .withMessage("precision: parameters cannot be BF16 (expected: F32 or F64); for bfloat16 products take "
            + "Precision.BF16");
  }
}
