package dev.pantograph.lab.replay;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.schedule.Schedule;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A training run recorded from another implementation: {@code golden.json} beside {@code init.safetensors} and
 * {@code batches.u16}. Keys are those of the recording project, EleutherAI/nanoGPT-mup.
 *
 * @param source where it was recorded
 * @param config model and parameterization
 * @param train optimizer and length
 * @param layout of the batches, in words
 * @param vocabulary the characters, if the recording names them
 * @param losses of each step before its update, mean over micro-batches
 * @param gradientNorms global norm of each step's averaged gradient before clipping
 * @param finalParameterNorms L2 norm of each parameter after the last step
 * @param groups the recorded optimizer's parameter groups
 */
public record Recording(
    @Nullable String source,
    Config config,
    Train train,
    @Nullable String layout,
    @Nullable String vocabulary,
    List<Double> losses,
    @JsonProperty("grad_norms_before_clip") List<Double> gradientNorms,
    @JsonProperty("final_param_l2") Map<String, Double> finalParameterNorms,
    @Nullable List<Group> groups) {

  /**
   * Model and parameterization; an absent switch is off, an absent number neutral.
   *
   * @param sparsity share of masked hidden weights: 1 − density
   */
  public record Config(
      @JsonProperty("block_size") int context,
      @JsonProperty("n_layer") int layers,
      @JsonProperty("n_head") int heads,
      @JsonProperty("n_embd") int width,
      boolean bias,
      @JsonProperty("vocab_size") int vocabularySize,
      double dropout,
      @JsonProperty("mup_enabled") boolean mup,
      @JsonProperty("mup_width_multiplier") @Nullable Double widthMultiplier,
      @JsonProperty("mup_input_alpha") @Nullable Double inputAlpha,
      @JsonProperty("mup_output_alpha") @Nullable Double outputAlpha,
      @JsonProperty("supar_enabled") boolean supar,
      double sparsity,
      @JsonProperty("depth_alpha_enabled") boolean depthAlpha,
      @JsonProperty("depth_multiplier") @Nullable Double depthMultiplier,
      @JsonProperty("depth_alpha_exp") @Nullable Double depthAlphaExponent) {

    TransformerConfig transformer() {
      return new TransformerConfig(vocabularySize, context, layers, heads, width, 4 * width, bias, true,
          Normalization.LAYER, FeedForwardActivation.GELU, TransformerConfig.NORM_EPSILON, 1 - sparsity)
          .sparsity(Sparsity.defaults().storage(WeightStorage.MASKED).emptyRows(true));
    }
  }

  /**
   * Optimizer and length.
   *
   * @param epsilon Adam's ε before any scaling; 10⁻⁸ if absent
   * @param schedule constant or cosine
   */
  public record Train(
      int batch,
      int accum,
      int steps,
      @JsonProperty("weight_decay") double weightDecay,
      double beta1,
      double beta2,
      double clip,
      String schedule,
      @JsonProperty("eps") @Nullable Double epsilon,
      int warmup,
      @JsonProperty("lr") double learningRate) {

    Schedule scheduled() {
      return switch (schedule) {
        case "constant" -> new Schedule(new Schedule.Shape.Constant(), 0, steps);
        case "cosine" -> new Schedule(new Schedule.Shape.Cosine(0.1), warmup, steps);
        default -> throw new ReplayException("golden.json: train.schedule is '%s' (expected: constant or cosine)"
            .formatted(schedule));
      };
    }

    double epsilonOrDefault() {
      return Objects.requireNonNullElse(epsilon, 1e-8);
    }

    /** The clipping threshold; nanoGPT's 0 means none. */
    double maxGradientNorm() {
      return clip == 0 ? Double.POSITIVE_INFINITY : clip;
    }
  }

  /** One of the recorded optimizer's groups. */
  public record Group(
      List<String> params,
      @JsonProperty("lr_scale") double learningRateScale,
      @JsonProperty("weight_decay") double weightDecay,
      @JsonProperty("eps") double epsilon) {}

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .build();

  /**
   * Reads {@code golden.json} in a folder.
   *
   * @throws ReplayException if it is missing, malformed, has a key this build does not know, or contradicts itself
   */
  public static Recording read(Path folder) {
    Path file = folder.resolve("golden.json");
    if (!Files.isRegularFile(file)) {
      throw new ReplayException(("%s: no golden.json there; a recording is a folder with golden.json, "
          + "init.safetensors and batches.u16").formatted(folder));
    }
    try {
      Recording recording = JSON.readValue(file.toFile(), Recording.class);
      recording.check(file);
      return recording;
    } catch (JacksonException e) {
      throw new ReplayException("%s: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (UncheckedIOException e) {
      throw new ReplayException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void check(Path file) {
    if (config == null || train == null || losses == null || gradientNorms == null || finalParameterNorms == null) {
      throw new ReplayException("%s: needs config, train, losses, grad_norms_before_clip and final_param_l2"
          .formatted(file));
    }
    if (losses.size() != train.steps || gradientNorms.size() != train.steps) {
      throw new ReplayException("%s: train.steps is %d, but there are %d losses and %d gradient norms"
          .formatted(file, train.steps,
          losses.size(), gradientNorms.size()));
    }
    if (config.dropout != 0) {
      throw new ReplayException("%s: config.dropout is %s; a run with dropout cannot be reproduced (expected: 0)"
          .formatted(file,
          config.dropout));
    }
    if (!(config.sparsity >= 0 && config.sparsity < 1)) {
      throw new ReplayException("%s: config.sparsity is %s (expected: 0 or more, below 1)"
          .formatted(file, config.sparsity));
    }
  }

  /** m_N, 1 unless µP is on. */
  double widthMultiplier() {
    return config.mup ? Objects.requireNonNullElse(config.widthMultiplier, 1.0) : 1;
  }

  /** m_L, 1 unless the depth rule is on. */
  double depthMultiplier() {
    return config.depthAlpha ? Objects.requireNonNullElse(config.depthMultiplier, 1.0) : 1;
  }

  /** The depth exponent α, if the depth rule is on. */
  OptionalDouble depthExponent() {
    return config.depthAlpha ? OptionalDouble.of(Objects.requireNonNullElse(config.depthAlphaExponent, 1.0))
        : OptionalDouble.empty();
  }
}
