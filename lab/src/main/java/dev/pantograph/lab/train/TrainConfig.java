package dev.pantograph.lab.train;

import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.Positions;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.nn.TransformerFlops;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.DensityDistribution;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.SparsityPattern;
import dev.pantograph.core.sparse.StorageChoice;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One training run. Every key can be set in YAML under its name here.
 *
 * @param rule parameterization by name
 * @param model the model to train
 * @param base the model the hyperparameters were tuned on
 * @param hyperparameters the numbers tuned on the base
 * @param optimizer AdamW beyond these
 * @param data what to train on and in what portions
 * @param steps updates
 * @param schedule of the learning rate
 * @param precision f32, or bf16 for bfloat16 products beside float32 parameters
 * @param seed of initial values, masks and batches
 * @param checkpointEvery steps between checkpoints; there is one at the end in any case
 * @param topology how that of sparse weights changes
 * @param from a checkpoint whose weights the run begins with; empty for random ones
 */
public record TrainConfig(String rule, Model model, Base base, Hyperparameters hyperparameters, Optimizer optimizer,
    Data data, int steps, ScheduleConfig schedule, String precision, long seed, int checkpointEvery,
    TopologyConfig topology, String from) {

  /**
   * A model's shape.
   *
   * @param feedForward hidden width of the feed-forward part; 0 means four times the width, or with swiglu, whose
   *     three matrices then hold as many weights as two, 8/3 of it rounded up to a multiple of {@value #GATED_MULTIPLE}
   * @param norm layer or rms
   * @param activation gelu, gelu-tanh or swiglu
   * @param density share of non-zero hidden weights
   * @param positions learned, alibi or none
   * @param sparsity how hidden weights are sparse, if they are
   */
  public record Model(int width, int layers, int heads, int feedForward, boolean biases, boolean tiedHead, String norm,
      String activation, double density, String positions, SparsityConfig sparsity) {

    private static final int GATED_MULTIPLE = 16;

    TransformerConfig transformer(int context) {
      FeedForwardActivation kind = FeedForwardActivation.named(activation);
      return new TransformerConfig(TokenStream.VOCABULARY, context, layers, heads, width,
          feedForward == 0 ? usualFeedForward(kind) : feedForward, biases, tiedHead, Normalization.named(norm), kind,
          TransformerConfig.NORM_EPSILON, density, Positions.named("model.positions", positions),
          sparsity.sparsity());
    }

    private int usualFeedForward(FeedForwardActivation kind) {
      return kind.isGated() ? Math.ceilDiv(8 * width, 3 * GATED_MULTIPLE) * GATED_MULTIPLE : 4 * width;
    }
  }

  /**
   * How hidden weights are sparse.
   *
   * @param pattern bernoulli, exact, fan-in, N:M such as 2:4, or block-N
   * @param distribution over the layers: uniform, er or erk
   * @param storage auto, masked or compressed
   * @param emptyRows whether a row may be left with no weight
   */
  public record SparsityConfig(String pattern, String distribution, String storage, boolean emptyRows) {

    Sparsity sparsity() {
      return new Sparsity(SparsityPattern.named(pattern), DensityDistribution.named(distribution),
          WeightStorage.named(storage), emptyRows);
    }
  }

  /**
   * How the topology of sparse weights changes.
   *
   * @param schedule static, set, rigl, gmp, journey or sparse-to-dense
   * @param every updates between two changes
   * @param dropFraction of set and rigl, ζ₀
   * @param begin of gmp, as a share of the steps; of sparse-to-dense, where it becomes dense
   * @param end of set, rigl and gmp, as a share of the steps
   * @param finalDensity of gmp and journey
   * @param progress in which gmp and journey count: tokens or compute. The quarters of journey are of this too
   * @param corrections of the parameterization follow the initial or the current density
   */
  public record TopologyConfig(String schedule, int every, double dropFraction, double begin, double end,
      double finalDensity, String progress, String corrections) {

    private TopologySchedule over(int steps, double hiddenShare) {
      double share = switch (progress) {
        case "tokens" -> 0;
        case "compute" -> hiddenShare;
        default -> throw new IllegalArgumentException(
            "topology.progress is '%s' (expected: tokens or compute)".formatted(progress));
      };
      return switch (schedule) {
        case "static" -> new TopologySchedule.Static();
        case "set" -> new TopologySchedule.Dynamic(false, every, dropFraction, Math.round(end * steps));
        case "rigl" -> new TopologySchedule.Dynamic(true, every, dropFraction, Math.round(end * steps));
        case "gmp" -> new TopologySchedule.GradualPruning(
            finalDensity, Math.round(begin * steps), Math.round(end * steps), every, share);
        case "journey" -> TopologySchedule.GradualPruning.journey(finalDensity, steps, every, share);
        case "sparse-to-dense" -> new TopologySchedule.SparseToDense(Math.round(begin * steps));
        default -> throw new IllegalArgumentException(
            "topology.schedule is '%s' (expected: static, set, rigl, gmp, journey or sparse-to-dense)".formatted(
                schedule));
      };
    }
  }

  /**
   * The base's shape where it differs from the model's: what the scale multipliers are relative to.
   *
   * @param width 0 means the model's own
   * @param layers 0 means the model's own
   * @param headDim 0 means the model's own
   * @param density 0 means the model's own
   */
  public record Base(int width, int layers, int headDim, double density) {

    TransformerConfig transformer(TransformerConfig model) {
      int baseWidth = width == 0 ? model.width() : width;
      int baseHeadDim = headDim == 0 ? model.headDim() : headDim;
      if (baseHeadDim < 1 || baseWidth % baseHeadDim != 0) {
        throw new IllegalArgumentException(
            "base.width %d is not divisible by the head dimension %d; set base.headDim"
                .formatted(baseWidth, baseHeadDim));
      }
      long feedForward = (long) model.feedForward() * baseWidth / model.width();
      return new TransformerConfig(model.vocabulary(), model.context(), layers == 0 ? model.layers() : layers,
          baseWidth / baseHeadDim, baseWidth, Math.toIntExact(feedForward), model.biases(), model.tiedHead(),
          model.normalization(), model.activation(), model.normEpsilon(), density == 0 ? model.density() : density,
          model.positions(), model.sparsity());
    }
  }

  /**
   * The numbers tuned on the base.
   *
   * @param learningRate η, peak
   * @param initStd σ
   * @param weightDecay λ
   * @param epsilon Adam's ε
   * @param inputMultiplier α_in
   * @param outputMultiplier α_out
   */
  public record Hyperparameters(double learningRate, double initStd, double weightDecay, double epsilon,
      double inputMultiplier,
      double outputMultiplier) {}

  /**
   * AdamW.
   *
   * @param decay coupled or independent
   * @param clip largest global gradient norm; 0 for no clipping
   */
  public record Optimizer(double beta1, double beta2, String decay, double clip) {

    AdamWSettings settings() {
      AdamW.Decay kind = switch (decay) {
        case "coupled" -> AdamW.Decay.COUPLED;
        case "independent" -> AdamW.Decay.INDEPENDENT;
        default -> throw new IllegalArgumentException(
            "optimizer.decay is '%s' (expected: coupled or independent)".formatted(decay));
      };
      return new AdamWSettings(beta1, beta2, kind, clip == 0 ? Double.POSITIVE_INFINITY : clip);
    }
  }

  /**
   * What to train on.
   *
   * @param corpus a text file, folder, zip, jar or glob; empty means the JDK's own sources
   * @param limitBytes of text to read at most, chosen evenly over the corpus
   * @param batch sequences per micro-batch
   * @param time tokens per sequence
   * @param microBatches whose gradients are averaged for one update
   * @param validateEvery steps between validations; 0 for only one at the end
   * @param validationBatches batches per validation
   */
  public record Data(String corpus, long limitBytes, int batch, int time, int microBatches, int validateEvery,
      int validationBatches) {}

  /**
   * The schedule.
   *
   * @param shape constant, cosine, linear or wsd
   * @param warmup steps
   */
  public record ScheduleConfig(String shape, int warmup) {}

  /** A model of 3.2 million parameters that is its own base: some minutes on two cores. */
  public static TrainConfig defaults() {
    Model model = new Model(256, 4, 4, 0, false, false, "layer", "gelu", 1, "learned",
        new SparsityConfig("bernoulli", "uniform", "auto", false));
    return new TrainConfig("mup", model, new Base(0, 0, 0, 0), new Hyperparameters(0x1p-8, 0.04, 0.1, 1e-8, 1, 1),
        new Optimizer(0.9, 0.95, "coupled", 1), new Data("", 64 << 20, 16, 256, 1, 100, 8), 400,
        new ScheduleConfig("linear", 40), Precision.F32.label(), 0, 0,
        new TopologyConfig("static", 100, 0.3, 0.25, 0.75, 0.25, "tokens", "initial"), "");
  }

  /**
   * Checks what can be checked before anything is read.
   *
   * @throws IllegalArgumentException naming every key that cannot be
   */
  public TrainConfig {
    List<String> problems = new ArrayList<>();
    atLeast(problems, "data.batch", data.batch(), 1);
    atLeast(problems, "data.time", data.time(), 1);
    atLeast(problems, "data.microBatches", data.microBatches(), 1);
    atLeast(problems, "data.validateEvery", data.validateEvery(), 0);
    atLeast(problems, "data.validationBatches", data.validationBatches(), 1);
    atLeast(problems, "data.limitBytes", data.limitBytes(), 1);
    atLeast(problems, "steps", steps, 1);
    atLeast(problems, "checkpointEvery", checkpointEvery, 0);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("train: " + String.join("; ", problems));
    }
  }

  private static void atLeast(List<String> problems, String key, long value, long least) {
    if (value < least) {
      problems.add("%s is %d (expected: at least %d)".formatted(key, value, least));
    }
  }

  /**
   * Refuses what would fail once training begins.
   *
   * @throws IllegalArgumentException naming the key that cannot be
   */
  public void check() {
    scaling();
    optimizer.settings();
    learningRateSchedule();
    elementTypes();
    sparseTraining();
  }

  /** Number of the model's parameters, without the position table. */
  public long parameters() {
    return transformer().parameters();
  }

  /**
   * How a model on this backend holds its sparse weights; empty if it is and stays dense.
   *
   * @throws IllegalArgumentException if it cannot hold them as configured
   */
  public Optional<StorageChoice> weightStorage(Backend backend) {
    Precision types = elementTypes();
    boolean dense = model.density() == 1 && sparseTraining().schedule().isStatic();
    return dense ? Optional.empty() : Optional.of(StorageChoice.of(
        model.sparsity().sparsity().storage(), backend, types.parameters(), types.compute()));
  }

  /** What becomes of the topology of sparse weights. */
  public SparseTraining sparseTraining() {
    return new SparseTraining(
        topology.over(steps, flops().hiddenShare()), DensityReference.named(topology.corrections()));
  }

  /** What a token costs. */
  public TransformerFlops flops() {
    return TransformerFlops.of(transformer(), data.time());
  }

  TransformerConfig transformer() {
    return model.transformer(data.time());
  }

  Scaling scaling() {
    return new Scaling(Parameterization.named(rule), transformer().relativeTo(base.transformer(transformer())),
        new BaseHyperparameters(hyperparameters.initStd(), hyperparameters.learningRate(),
            hyperparameters.weightDecay(),
            hyperparameters.epsilon(), hyperparameters.inputMultiplier(), hyperparameters.outputMultiplier()));
  }

  Precision elementTypes() {
    return Precision.named(precision);
  }

  Schedule learningRateSchedule() {
    return new Schedule(Schedule.Shape.named(schedule.shape()), schedule.warmup(), steps);
  }
}
