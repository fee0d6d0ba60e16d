package dev.pantograph.lab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.Positions;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.DensityDistribution;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.SparsityPattern;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.Configuration.UnknownKeyException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainConfigTest {
  private static TrainConfig with(String... settings) {
    TrainConfig config = TrainConfig.defaults();
    for (int i = 0; i < settings.length; i += 2) {
      config = Configuration.with(config, Map.of(settings[i], settings[i + 1]), TrainConfig.class);
    }
    return config;
  }

  @Test
  void theDefaultsAreTheirOwnBase() {
    TrainConfig config = TrainConfig.defaults();
    assertThatCode(config::check).doesNotThrowAnyException();
    assertThat(config.scaling().scale()).isEqualTo(Scale.base(64));
    // 258 tokens is a detail of the tokenizer; the blocks are not: 4·(12·256² + 2·256), the final norm and two tables.
    long blocks = 4L * (12 * 256 * 256 + 2 * 256);
    assertThat(config.parameters() - blocks - 256).isEqualTo(2L * 256 * config.transformer().vocabulary());
  }

  @Test
  void halfTheWidthAsBaseDoublesTheMultipliers() {
    Scaling scaling = with("base.width", "128").scaling();
    assertThat(scaling.scale()).isEqualTo(new Scale(2, 2, 1, 1, 64, 64));
    assertThat(scaling.learningRateScale(Role.QUERY_KEY_VALUE)).isEqualTo(0.5);
    assertThat(scaling.logitMultiplier()).isEqualTo(0.5);
    assertThat(scaling.initStd(Role.FEED_FORWARD_OUT)).isCloseTo(0.04 / Math.sqrt(2), within(1e-15));
  }

  @Test
  void theBaseMayDifferInDepthDensityAndHeads() {
    Scaling scaling = with("rule", "product", "model.density", "0.25", "base.layers", "2", "base.density", "1",
        "base.headDim", "32").scaling();
    assertThat(scaling.scale()).isEqualTo(new Scale(1, 1, 2, 0.25, 64, 32));
    assertThat(scaling.branchMultiplier()).isEqualTo(0.5);
  }

  @Test
  void anUnusualFeedForwardKeepsItsRatioInTheBase() {
    TrainConfig config = with("model.feedForward", "512", "base.width", "64");
    assertThat(config.transformer().feedForward()).isEqualTo(512);
    assertThat(config.scaling().scale()).isEqualTo(new Scale(4, 4, 1, 1, 64, 64));
  }

  @Test
  void everyKeyOfTheModelReachesIt() {
    TransformerConfig model = with("model.width", "48", "model.layers", "3", "model.heads", "6", "model.biases", "true",
        "model.tiedHead", "true", "model.norm", "rms", "model.activation", "gelu-tanh", "model.density", "0.5",
        "data.time", "20", "model.positions", "alibi", "model.sparsity.pattern", "'2:4'",
        "model.sparsity.distribution", "er", "model.sparsity.storage", "compressed", "model.sparsity.emptyRows", "true")
        .transformer();
    assertThat(model).isEqualTo(new TransformerConfig(model.vocabulary(), 20, 3, 6, 48, 192, true, true,
        Normalization.RMS, FeedForwardActivation.GELU_TANH, TransformerConfig.NORM_EPSILON, 0.5, Positions.ALIBI,
        new Sparsity(new SparsityPattern.Groups(2, 4), DensityDistribution.ERDOS_RENYI, WeightStorage.COMPRESSED,
            true)));
  }

  @ParameterizedTest
  @MethodSource
  void everyTopologyCanBeNamed(String name, TopologySchedule schedule) {
    SparseTraining training = with("steps", "1000", "topology.schedule", name, "topology.every", "20",
        "topology.dropFraction", "0.2", "topology.begin", "0.1", "topology.end", "0.9", "topology.finalDensity", "0.5",
        "topology.corrections", "current").sparseTraining();
    assertThat(training).isEqualTo(new SparseTraining(schedule, DensityReference.CURRENT));
  }

  static Stream<Arguments> everyTopologyCanBeNamed() {
    return Stream.of(Arguments.of("static", new TopologySchedule.Static()),
        Arguments.of("set", new TopologySchedule.Dynamic(false, 20, 0.2, 900)),
        Arguments.of("rigl", new TopologySchedule.Dynamic(true, 20, 0.2, 900)),
        Arguments.of("gmp", new TopologySchedule.GradualPruning(0.5, 100, 900, 20)),
        Arguments.of("journey", new TopologySchedule.GradualPruning(0.5, 250, 750, 20)),
        Arguments.of("sparse-to-dense", new TopologySchedule.SparseToDense(100)));
  }

  @Test
  void pruningMayCountItsProgressInCompute() {
    TrainConfig config = with("steps", "1000", "topology.schedule", "journey", "topology.progress", "compute");
    assertThat(config.sparseTraining().schedule()).isEqualTo(
        TopologySchedule.GradualPruning.journey(0.25, 1000, 100, config.flops().hiddenShare()));
  }

  @Test
  void aGatedModelHasAsManyFeedForwardWeightsAsAnother() {
    TransformerConfig plain = with("model.width", "96").transformer();
    TransformerConfig gated = with("model.width", "96", "model.activation", "swiglu").transformer();
    assertThat(gated.feedForward()).isEqualTo(256);
    assertThat(gated.parameters()).isEqualTo(plain.parameters());
    assertThat(with("model.width", "256", "model.activation", "swiglu").transformer().feedForward()).isEqualTo(688);
    assertThat(with("model.activation", "swiglu", "model.feedForward", "80").transformer().feedForward()).isEqualTo(80);
  }

  @Test
  void aClipOfZeroIsNoClipping() {
    assertThat(with("optimizer.clip", "0").optimizer().settings().maxGradientNorm()).isInfinite();
    assertThat(with("optimizer.clip", "0.5").optimizer().settings().maxGradientNorm()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @CsvSource({
      "data.batch, 0, at least 1", "data.time, 0, at least 1", "data.microBatches, 0, at least 1",
      "data.validateEvery, -1, at least 0", "data.validationBatches, 0, at least 1", "data.limitBytes, 0, at least 1",
      "steps, 0, at least 1", "checkpointEvery, -1, at least 0"})
  void countsTooSmallAreNamed(String key, String value, String expected) {
    assertThatIllegalArgumentException().isThrownBy(() -> with(key, value))
        .withMessageEndingWith("train: %s is %s (expected: %s)".formatted(key, value, expected));
  }

  @Test
  void allBadCountsAreNamedAtOnce() {
    TrainConfig good = TrainConfig.defaults();
    assertThatIllegalArgumentException().isThrownBy(() -> new TrainConfig(good.rule(), good.model(), good.base(),
        good.hyperparameters(), good.optimizer(), good.data(), 0, good.schedule(), good.precision(), 0,
        -5, good.topology(), good.from()))
        .withMessage("train: steps is 0 (expected: at least 1); checkpointEvery is -5 (expected: at least 0)");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "rule | mupp | no parameterization is named 'mupp'",
      "model.norm | batch | no normalisation is named 'batch'; there are layer, rms",
      "model.activation | relu | no activation is named 'relu'; there are gelu, gelu-tanh, swiglu",
      "precision | fp8 | no precision is named 'fp8'; there are f32, f64, bf16",
      "model.positions | rotary | model.positions is 'rotary' (expected: learned, alibi, none)",
      "optimizer.decay | none | optimizer.decay is 'none' (expected: coupled or independent)",
      "model.heads | 5 | width 256 is not divisible by 5 heads",
      "base.width | 100 | base.width 100 is not divisible by the head dimension 64; set base.headDim",
      "schedule.shape | cosin | cosin",
      "schedule.warmup | 500 | 500",
      "hyperparameters.learningRate | -1 | learningRate is -1.0",
      "model.density | 2 | density is 2.0",
      "model.sparsity.pattern | dots | no sparsity pattern is named 'dots'",
      "model.sparsity.distribution | flat | no distribution of density is named 'flat'",
      "model.sparsity.storage | zip | no storage of sparse weights is named 'zip'",
      "topology.schedule | lottery | topology.schedule is 'lottery' (expected: static",
      "topology.progress | hours | topology.progress is 'hours' (expected: tokens or compute)",
      "topology.corrections | last | no density is named 'last'"})
  void whatCannotBeTrainedIsRefusedBeforeTraining(String key, String value, String message) {
    TrainConfig config = with(key, value);
    assertThatIllegalArgumentException().isThrownBy(config::check).withMessageContaining(message);
  }

  @Test
  void aKeyThatDoesNotExistIsRefused() {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> with("data.bacth", "3")))
        .isInstanceOf(UnknownKeyException.class).hasMessageContaining("unknown key 'data.bacth'");
  }
}
