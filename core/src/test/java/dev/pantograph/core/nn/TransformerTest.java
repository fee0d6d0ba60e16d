package dev.pantograph.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.autograd.GradientCheck;
import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.autograd.Variable;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.Numbers;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTest {
  private static final long SEED = 11;
  private static final int VOCABULARY = 5;
  private static final int CONTEXT = 4;
  /** So small that rows are left with no weight when it is sparse. */
  private static final TransformerConfig TINY = TransformerConfig.gpt(VOCABULARY, CONTEXT, 2, 2, 4)
      .sparsity(Sparsity.defaults().storage(WeightStorage.MASKED).emptyRows(true));
  /** Twice the base in everything, and factors other than 1 at both ends: a multiplier that is left out shows. */
  private static final TransformerConfig BASE = TransformerConfig.gpt(VOCABULARY, CONTEXT, 1, 1, 2);
  private static final BaseHyperparameters HYPERPARAMETERS = new BaseHyperparameters(0.5, 0.01, 0.1, 1e-8, 1.5, 0.75);

  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final Workspace workspace = new Workspace(backend);
  @AutoClose private final Storage storage = new Storage(backend);
  private final Tensor inputs = tokens("inputs", 1);
  private final Tensor targets = tokens("targets", 2);

  private Tensor tokens(String name, long stream) {
    Tensor tensor = storage.allocate(name, DType.I32, Shape.of(2, 3));
    tensor.set(Numbers.below(VOCABULARY, SEED, stream, 6));
    return tensor;
  }

  private Transformer model(TransformerConfig config) {
    Scaling scaling = new Scaling(Parameterization.product(0.5), config.relativeTo(BASE), HYPERPARAMETERS);
    return new Transformer(backend, DType.F64, config, scaling, SEED);
  }

  /** Gains and biases start at 1 and 0, where much cancels: moves them elsewhere. */
  private static void scatterVectors(Transformer model) {
    for (Parameter parameter : model.parameters()) {
      if (parameter.role().isVector()) {
        parameter.value().set(Numbers.normal(SEED, parameter.name().hashCode(), parameter.value().shape().elements()));
      }
    }
  }

  private double loss(Transformer model) {
    Tape tape = Tape.inference(workspace);
    double loss = model.loss(tape, inputs, targets, 1, null).value().toDouble();
    workspace.reset();
    return loss;
  }

  private void backward(Transformer model) {
    Tape tape = Tape.recording(workspace);
    tape.backward(model.loss(tape, inputs, targets, 1, null));
    workspace.reset();
  }

  private double[] logits(Transformer model, Tape tape) {
    double[] logits = model.forward(tape, inputs).value().toDoubles();
    workspace.reset();
    return logits;
  }

  @ParameterizedTest(name = "biases {0}, tied head {1}, density {2} {6}, {3}, {4}, positions {5}")
  @CsvSource({
    "true, false, 0.5, LAYER, GELU, LEARNED, MASKED", "false, true, 1, LAYER, GELU_TANH, ALIBI, AUTO",
    "true, true, 1, RMS, GELU, NONE, AUTO", "true, false, 0.5, RMS, SWIGLU, ALIBI, MASKED",
    "false, true, 1, LAYER, SWIGLU, LEARNED, AUTO",
    "true, false, 0.5, LAYER, GELU, LEARNED, COMPRESSED", "false, true, 0.5, RMS, SWIGLU, ALIBI, COMPRESSED"
  })
  void theGradientOfTheWholeModelAgreesWithFiniteDifferences(boolean biases, boolean tiedHead, double density,
      Normalization normalization, FeedForwardActivation activation, Positions positions, WeightStorage weights) {
    TransformerConfig config = TINY.biases(biases).tiedHead(tiedHead).density(density)
        .normalization(normalization).activation(activation).positions(positions)
        .sparsity(Sparsity.defaults().storage(weights).emptyRows(true));
    try (Transformer model = model(config)) {
      scatterVectors(model);

      backward(model);

      for (Parameter parameter : model.parameters()) {
        double[] differences = GradientCheck.centralDifferences(parameter.value(), () -> loss(model));
        GradientCheck.assertAgree("%s, seed %d".formatted(parameter.name(), SEED), parameter.gradient().toDoubles(),
            differences);
      }
    }
  }

  @Test
  void anObserverDoesNotChangeTheLoss() {
    try (Transformer model = model(TINY.biases(true))) {
      double unseen = loss(model);
      double seen =
          model.loss(Tape.inference(workspace), inputs, targets, 1, (_, _, _) -> {}).value().toDouble();

      assertThat(seen).isCloseTo(unseen, within(1e-14));
    }
  }

  @Test
  void maskedWeightsHaveNoGradientAndNoInfluence() {
    try (Transformer model = model(TINY.density(0.5))) {
      double[] before = logits(model, Tape.inference(workspace));
      backward(model);

      for (Parameter parameter : model.parameters()) {
        if (parameter.mask() != null) {
          double[] mask = parameter.mask().toDoubles();
          double[] gradient = parameter.gradient().toDoubles();
          double[] value = parameter.value().toDoubles();
          assertThat(mask).as(parameter.name()).containsOnly(0, 1).contains(0).contains(1);
          for (int i = 0; i < mask.length; i++) {
            if (mask[i] == 0) {
              assertThat(gradient[i]).as("gradient of %s[%d]", parameter.name(), i).isZero();
              value[i] = 1e6;
            }
          }
          parameter.value().set(value);
        }
      }

      assertThat(logits(model, Tape.inference(workspace))).isEqualTo(before);
    }
  }

  @Test
  void onlyHiddenWeightsAreMasked() {
    try (Transformer model = model(TINY.biases(true).tiedHead(false).density(0.5))) {
      for (Parameter parameter : model.parameters()) {
        assertThat(parameter.mask() != null).as(parameter.name()).isEqualTo(parameter.role().isHiddenWeight());
      }
    }
  }

  @Test
  void aMaskDoesNotChangeTheInitialValues() {
    try (Transformer dense = model(TINY); Transformer sparse = new Transformer(
        backend, DType.F64, TINY.density(0.5), dense.scaling(), SEED)) {
      for (Parameter parameter : dense.parameters()) {
        assertThat(sparse.parameter(parameter.name()).value().toDoubles()).as(parameter.name())
            .isEqualTo(parameter.value().toDoubles());
      }
    }
  }

  @Test
  void recordingInferenceAndObservationGiveTheSameLogits() {
    try (Transformer model = model(TINY.biases(true).tiedHead(false).density(0.5))) {
      scatterVectors(model);
      double[] inferred = logits(model, Tape.inference(workspace));

      assertThat(logits(model, Tape.recording(workspace))).isEqualTo(inferred);
      Variable observed = model.forward(Tape.inference(workspace), inputs, (_, _, _) -> {});
      // Observed, the residual is added by a kernel of its own: other roundings, the same sum.
      assertThat(observed.value().toDoubles()).containsExactly(inferred, within(1e-12));
    }
  }

  @Test
  void anObserverSeesEveryActivationOnceInOrder() {
    try (Transformer model = model(TINY)) {
      List<String> seen = new ArrayList<>();
      model.forward(Tape.inference(workspace), inputs,
          (activation, block, value) -> seen.add(activation + " " + block + " " + value.shape()));

      List<String> expected = new ArrayList<>(List.of("EMBEDDING -1 [2, 3, 4]"));
      for (int block = 0; block < 2; block++) {
        expected.addAll(List.of("QUERY_KEY_VALUE " + block + " [2, 3, 12]", "ATTENTION_OUT " + block + " [2, 3, 4]",
            "FEED_FORWARD_IN " + block + " [2, 3, 16]", "FEED_FORWARD_OUT " + block + " [2, 3, 4]",
            "RESIDUAL " + block + " [2, 3, 4]"));
      }
      expected.add("LOGITS -1 [2, 3, 5]");
      assertThat(seen).isEqualTo(expected);
    }
  }

  @Test
  void logitsCarryTheirMultiplier() {
    BaseHyperparameters doubled = new BaseHyperparameters(0.5, 0.01, 0.1, 1e-8, 1.5, 2 * 0.75);
    try (Transformer model = model(TINY); Transformer other = new Transformer(backend, DType.F64, TINY,
        new Scaling(model.scaling().parameterization(), model.scaling().scale(), doubled), SEED)) {
      double[] logits = logits(model, Tape.inference(workspace));

      assertThat(logits(other, Tape.inference(workspace))).isEqualTo(Arrays.stream(logits).map(x -> 2 * x).toArray());
    }
  }

  @Test
  void theFutureHasNoInfluenceOnThePast() {
    try (Transformer model = model(TINY)) {
      inputs.set(0, 1, 2, 3, 4, 0);
      double[] before = logits(model, Tape.inference(workspace));
      inputs.set(0, 1, 4, 3, 4, 0);
      double[] after = logits(model, Tape.inference(workspace));

      for (int position = 0; position < 6; position++) {
        double[] change = Numbers.difference(rowOf(after, position), rowOf(before, position));
        assertThat(Numbers.norm(change) > 0).as("position %d changed", position).isEqualTo(position == 2);
      }
    }
  }

  private static double[] rowOf(double[] logits, int position) {
    return Arrays.copyOfRange(logits, position * VOCABULARY, (position + 1) * VOCABULARY);
  }

  @Test
  void parametersHaveTheirNamesRolesAndShapes() {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, CONTEXT, 1, 2, 4).biases(true).tiedHead(false);
    try (Transformer model = model(config)) {
      Stream<String> found = model.parameters().stream().map(p -> p.name() + " " + p.role() + " " + p.value().shape());
      assertThat(found).containsExactly(
          "tokens TOKEN_EMBEDDING [5, 4]", "positions POSITION_EMBEDDING [4, 4]",
          "blocks.0.attention.norm.gain BLOCK_NORM [4]", "blocks.0.attention.norm.bias BLOCK_NORM [4]",
          "blocks.0.attention.qkv.weight QUERY_KEY_VALUE [12, 4]", "blocks.0.attention.qkv.bias BLOCK_BIAS [12]",
          "blocks.0.attention.out.weight ATTENTION_OUTPUT [4, 4]", "blocks.0.attention.out.bias BLOCK_BIAS [4]",
          "blocks.0.feedForward.norm.gain BLOCK_NORM [4]", "blocks.0.feedForward.norm.bias BLOCK_NORM [4]",
          "blocks.0.feedForward.up.weight FEED_FORWARD_IN [16, 4]", "blocks.0.feedForward.up.bias BLOCK_BIAS [16]",
          "blocks.0.feedForward.down.weight FEED_FORWARD_OUT [4, 16]", "blocks.0.feedForward.down.bias BLOCK_BIAS [4]",
          "norm.gain FINAL_NORM [4]", "norm.bias FINAL_NORM [4]", "head UNEMBEDDING [5, 4]");
    }
  }

  @Test
  void aGatedFeedForwardHasOneMatrixForGateAndUp() {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, CONTEXT, 1, 2, 4).biases(true)
        .normalization(Normalization.RMS).activation(FeedForwardActivation.SWIGLU);
    try (Transformer model = model(config)) {
      Stream<String> found = model.parameters().stream().map(p -> p.name() + " " + p.role() + " " + p.value().shape())
          .filter(p -> p.contains("norm") || p.contains("feedForward"));
      assertThat(found).containsExactly(
          "blocks.0.attention.norm.gain BLOCK_NORM [4]", "blocks.0.feedForward.norm.gain BLOCK_NORM [4]",
          "blocks.0.feedForward.gateUp.weight FEED_FORWARD_IN [32, 4]",
          "blocks.0.feedForward.gateUp.bias BLOCK_BIAS [32]", "blocks.0.feedForward.down.weight FEED_FORWARD_OUT [4, 16]",
          "blocks.0.feedForward.down.bias BLOCK_BIAS [4]", "norm.gain FINAL_NORM [4]");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, LAYER, GELU, LEARNED", "false, true, LAYER, GELU, ALIBI", "true, false, LAYER, GELU, NONE",
    "true, true, LAYER, SWIGLU, LEARNED", "true, true, RMS, GELU, ALIBI", "true, false, RMS, SWIGLU, NONE",
    "false, true, RMS, SWIGLU, LEARNED"
  })
  void theFormulaForTheNumberOfParametersCountsThemAll(boolean biases, boolean tiedHead, Normalization normalization,
      FeedForwardActivation activation, Positions positions) {
    TransformerConfig config =
        new TransformerConfig(7, CONTEXT, 3, 2, 6, 10, biases, tiedHead, normalization, activation, 1e-5, 1, positions,
            Sparsity.defaults());
    try (Transformer model = model(config)) {
      long counted = model.parameters().stream().filter(p -> p.role() != Role.POSITION_EMBEDDING)
          .mapToLong(p -> p.value().shape().elements()).sum();

      assertThat(config.parameters()).isEqualTo(counted);
      assertThat(config.trainingFlopsPerToken(4)).isEqualTo(6 * counted + 12L * 3 * 6 * 4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyLearnedPositionsAreParameters(Positions positions) {
    try (Transformer model = model(TINY.positions(positions))) {
      List<String> names = model.parameters().stream().map(Parameter::name).toList();

      assertThat(names.contains("positions")).isEqualTo(positions == Positions.LEARNED);
      assertThat(names).doesNotContain("slopes");
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyAModelWithoutPositionsIsBlindToTheOrderOfThePast(Positions positions) {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, CONTEXT, 1, 2, 4).positions(positions);
    try (Transformer model = model(config)) {
      inputs.set(0, 1, 2, 3, 4, 0);
      double[] before = logits(model, Tape.inference(workspace));
      inputs.set(1, 0, 2, 4, 3, 0);
      double[] after = logits(model, Tape.inference(workspace));

      double change = Numbers.norm(Numbers.difference(rowOf(after, 2), rowOf(before, 2)));
      assertThat(change < 1e-14).as("change %s", change).isEqualTo(positions == Positions.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLongerSequenceBeginsWithTheSameLogits(Positions positions) {
    try (Transformer model = model(TINY.positions(positions))) {
      Tensor prefix = storage.allocate("prefix", DType.I32, Shape.of(1, 2));
      Tensor whole = storage.allocate("whole", DType.I32, Shape.of(1, CONTEXT));
      prefix.set(3, 1);
      whole.set(3, 1, 4, 2);

      double[] short2 = model.forward(Tape.inference(workspace), prefix).value().toDoubles();
      double[] long4 = model.forward(Tape.inference(workspace), whole).value().toDoubles();

      assertThat(Arrays.copyOf(long4, short2.length)).containsExactly(short2, within(1e-14));
    }
  }

  @Test
  void initialWeightsHaveThePrescribedMeanStdAndDensity() {
    TransformerConfig base = TransformerConfig.gpt(65, 32, 2, 2, 32);
    TransformerConfig config = TransformerConfig.gpt(65, 32, 2, 4, 128).tiedHead(false).biases(true).density(0.25)
        .sparsity(Sparsity.defaults().storage(WeightStorage.MASKED));
    Scaling scaling =
        new Scaling(Parameterization.suPar(), config.relativeTo(base), BaseHyperparameters.withLearningRate(1e-3));
    try (Backend fast = TestBackends.vector(2);
        Transformer model = new Transformer(fast, DType.F32, config, scaling, SEED)) {
      for (Parameter parameter : model.parameters()) {
        double[] values = parameter.value().toDoubles();
        double n = values.length;
        if (parameter.role().isVector()) {
          assertThat(values).as(parameter.name()).containsOnly(parameter.name().endsWith("gain") ? 1 : 0);
          continue;
        }
        // The hidden matrices sum over 4 times as many terms, of which a quarter remain: σ stays.
        double std = 0.02;
        // Four standard deviations of the estimate, so that about one seed in a thousand would fail.
        assertThat(Numbers.mean(values)).as("mean of %s, seed %d", parameter.name(), SEED)
            .isCloseTo(0, within(4 * std / Math.sqrt(n)));
        assertThat(Numbers.rms(values)).as("std of %s, seed %d", parameter.name(), SEED)
            .isCloseTo(std, within(std * 4 / Math.sqrt(2 * n)));
        if (parameter.mask() != null) {
          double[] mask = parameter.mask().toDoubles();
          double kept = IntStream.range(0, mask.length).mapToDouble(i -> mask[i] * values[i]).sum();
          assertThat(kept / (0.25 * n)).as("mean of the kept weights of %s, seed %d", parameter.name(), SEED)
              .isCloseTo(0, within(4 * std / Math.sqrt(0.25 * n)));
          assertThat(Numbers.mean(mask)).as("density of %s, seed %d", parameter.name(), SEED)
              .isCloseTo(0.25, within(4 * Math.sqrt(0.25 * 0.75 / n)));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 512})
  void embeddingsHaveTheSameMagnitudeAtEveryWidth(int width) {
    TransformerConfig config = TransformerConfig.gpt(500, 64, 1, 2, width);
    BaseHyperparameters base = BaseHyperparameters.withLearningRate(1e-3);
    Scaling scaling =
        new Scaling(Parameterization.muP(), config.relativeTo(TransformerConfig.gpt(500, 64, 1, 2, 64)), base);
    try (Backend fast = TestBackends.vector(2);
        Transformer model = new Transformer(fast, DType.F32, config, scaling, SEED)) {
      // For each table alone: √(2/π)·σ is the mean magnitude of a normal number.
      assertThat(Numbers.meanMagnitude(model.parameter("tokens").value().toDoubles()))
          .isCloseTo(base.initStd() * Math.sqrt(2 / Math.PI), within(base.initStd() * 0.01));
    }
  }

  @Test
  void initialValuesDependOnSeedAndNameAlone() {
    try (Transformer two = model(TINY); Transformer three = model(
            TransformerConfig.gpt(VOCABULARY, CONTEXT, 3, 2, 4).biases(true).tiedHead(false));
        Transformer reseeded = new Transformer(backend, DType.F64, TINY, two.scaling(), SEED + 1)) {
      String name = "blocks.1.attention.qkv.weight";
      double[] values = two.parameter(name).value().toDoubles();

      assertThat(three.parameter(name).value().toDoubles()).isEqualTo(values);
      assertThat(reseeded.parameter(name).value().toDoubles()).doesNotContain(values);
      assertThat(two.parameter("blocks.0.attention.qkv.weight").value().toDoubles()).doesNotContain(values);
    }
  }

  @Test
  void everyParameterIsReadByTheForwardPass() {
    try (Transformer model = model(TINY.biases(true).tiedHead(false))) {
      scatterVectors(model);
      backward(model);

      for (Parameter parameter : model.parameters()) {
        assertThat(Numbers.norm(parameter.gradient().toDoubles())).as(parameter.name()).isPositive();
      }
    }
  }

  @Test
  void aSequenceLongerThanTheContextIsRefused() {
    try (Transformer model = model(TINY)) {
      Tensor tooLong = storage.allocate("prompt", DType.I32, Shape.of(1, 5));

      assertThatThrownBy(() -> model.forward(Tape.inference(workspace), tooLong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("prompt", "5 positions", "context is 4");
    }
  }

  @Test
  void anUnknownParameterIsRefusedWithThoseThereAre() {
    try (Transformer model = model(TINY)) {
      assertThatThrownBy(() -> model.parameter("head")).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("'head'", "tokens", "norm.gain");
    }
  }

  @Test
  void aWidthThatTheHeadsDoNotDivideIsRefused() {
    assertThatThrownBy(() -> TransformerConfig.gpt(5, 4, 1, 3, 8)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("width 8", "3 heads", "multiple of 3");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.5, 1.01, Double.NaN})
  void impossibleDensitiesAreRefused(double density) {
    assertThatThrownBy(() -> TINY.density(density)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("density");
  }

  @Test
  void aClosedModelHasNoWeights() {
    Transformer model = model(TINY);
    model.close();

    assertThatThrownBy(() -> loss(model)).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'tokens'", "closed");
  }
}
