package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.nn.TransformerFlops;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.train.DivergenceException;
import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.train.TrainConfig;
import dev.pantograph.lab.train.TrainRun;
import dev.pantograph.lab.train.TrainRun.Metrics;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: one model, trained in a run folder. */
@Command(
    name = "train",
    description = {
      "Train one model. The run folder holds the resolved configuration, the environment, metrics and a checkpoint.",
      "Options are for what changes often; every other key of run.yaml can be given with --config or --set."
    })
final class TrainCommand implements Callable<Integer> {
  private static final String KIND = "train";

  @Option(names = "--config", paramLabel = "FILE",
      description = "YAML with any key of run.yaml, laid over the defaults.")
  private @Nullable Path file;

  @Option(
      names = "--set", paramLabel = "KEY=VALUE",
      description = "One key of the configuration, such as --set hyperparameters.weightDecay=0.05. May be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--rule", paramLabel = "NAME", description = "Parameterization.")
  private @Nullable String rule;

  @Option(names = "--width", paramLabel = "N", description = "Model width.")
  private @Nullable Integer width;

  @Option(names = "--base-width", paramLabel = "N",
      description = "Width the hyperparameters were tuned at. Default: the model's.")
  private @Nullable Integer baseWidth;

  @Option(names = "--layers", paramLabel = "N", description = "Number of blocks.")
  private @Nullable Integer layers;

  @Option(names = "--base-layers", paramLabel = "N",
      description = "Blocks the hyperparameters were tuned at. Default: the model's.")
  private @Nullable Integer baseLayers;

  @Option(names = "--heads", paramLabel = "N", description = "Attention heads.")
  private @Nullable Integer heads;

  @Option(names = "--positions", paramLabel = "KIND",
      description = "How the order of tokens is known: learned (a table), alibi (slopes in attention) or none.")
  private @Nullable String positions;

  @Option(names = "--density", paramLabel = "X", description = "Share of hidden weights that are not zero for good.")
  private @Nullable Double density;

  @Option(names = "--storage", paramLabel = "KIND",
      description = "How sparse weights are held: masked (with zeros), compressed (without), or auto, compressed where "
          + "the backend has sparse products.")
  private @Nullable String storage;

  @Option(names = "--pattern", paramLabel = "KIND",
      description = "Which weights a sparse layer has: bernoulli, exact, fan-in, N:M such as 2:4, or block-N.")
  private @Nullable String pattern;

  @Option(names = "--distribution", paramLabel = "KIND",
      description = "How density is shared out among layers: uniform, er or erk.")
  private @Nullable String distribution;

  @Option(names = "--topology", paramLabel = "KIND",
      description = "How the topology changes: static, set, rigl, gmp, journey or sparse-to-dense; see topology.* in "
          + "run.yaml.")
  private @Nullable String topology;

  @Option(names = "--final-density", paramLabel = "X", description = "Density that gmp and journey prune to.")
  private @Nullable Double finalDensity;

  @Option(names = "--from", paramLabel = "FILE",
      description = "Checkpoint whose weights the run begins with, at step 0; what it has not is zero.")
  private @Nullable Path from;

  @Option(names = "--base-density", paramLabel = "X",
      description = "Density the hyperparameters were tuned at. Default: the model's.")
  private @Nullable Double baseDensity;

  @Option(names = "--norm", paramLabel = "KIND", description = "Norms: layer or rms.")
  private @Nullable String norm;

  @Option(names = "--activation", paramLabel = "KIND",
      description = "Activation of the feed-forward part: gelu, gelu-tanh or swiglu.")
  private @Nullable String activation;

  @Option(names = "--precision", paramLabel = "KIND",
      description = "Element types: f32, or bf16 for bfloat16 products beside float32 parameters.")
  private @Nullable String precision;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Peak learning rate, as tuned at the base.")
  private @Nullable Double learningRate;

  @Option(names = "--steps", paramLabel = "N", description = "Updates; the warm-up keeps its share of them.")
  private @Nullable Integer steps;

  @Option(names = "--batch", paramLabel = "N", description = "Sequences per micro-batch.")
  private @Nullable Integer batch;

  @Option(names = "--time", paramLabel = "N", description = "Tokens per sequence.")
  private @Nullable Integer time;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of initial values, masks and batches.")
  private @Nullable Long seed;

  @Mixin
  private WatchOptions watching = new WatchOptions();

  @Mixin
  private CorpusOptions corpus = new CorpusOptions();

  @Mixin
  private RunOptions run = new RunOptions();

  @Mixin
  private BackendSelection selection = new BackendSelection();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    watching.check();
    PrintWriter out = spec.commandLine().getOut();
    Backends backends = selection.discover();
    try (Backend backend = selection.open(backends)) {
      RunFolder folder;
      TrainConfig config;
      if (run.isResuming()) {
        folder = run.resumed(KIND);
        config = folder.readYaml(RunFolder.CONFIGURATION, TrainConfig.class);
      } else {
        config = config();
        config.check();
        folder = run.created(KIND);
        folder.writeYaml(RunFolder.CONFIGURATION, config);
        folder.writeJson(RunFolder.ENVIRONMENT, Environment.of(backends, backend.id()));
      }
      out.println("%,d parameters, %s, backend '%s', %d threads; run folder %s"
          .formatted(config.parameters(), config.rule(),
          backend.id(), selection.threads(), folder.path()));
      Metrics last;
      try {
        printSparsity(config, backend, out);
        last = watching.run(new TrainRun(config, folder), backends, backend, metrics -> print(metrics, config, out));
      } catch (DivergenceException e) {
        out.println("The state before that step is in " + folder.resolve(TrainRun.CHECKPOINT));
        throw e;
      } catch (RuntimeException e) {
        folder.discardUnlessStarted(TrainRun.METRICS);
        throw e;
      }
      out.println("Done: validation loss %s after %,d tokens. Metrics: %s".formatted(
          last.validationLoss() == null ? "not measured" : String.format(Locale.ROOT, "%.4f", last.validationLoss()),
          last.tokens(), folder.resolve(TrainRun.METRICS)));
      watching.report(out);
    }
    return 0;
  }

  private static void printSparsity(TrainConfig config, Backend backend, PrintWriter out) {
    TopologySchedule schedule = config.sparseTraining().schedule();
    config.weightStorage(backend).ifPresent(choice -> {
      double initial = config.model().density();
      TransformerFlops flops = config.flops();
      double each = flops.training(schedule, initial, config.steps()) / config.steps();
      out.println("Sparse weights %s: %s".formatted(choice.storage().label(), choice.reason()));
      out.println(String.format(Locale.ROOT,
          "Topology %s: density %.4g in the mean, %.3g FLOPs for a token, %.3f of the dense model's", schedule.label(),
          schedule.meanDensity(config.steps(), initial), each, each / flops.training(1)));
    });
  }

  private static void print(Metrics metrics, TrainConfig config, PrintWriter out) {
    int interval = Math.max(1, config.steps() / 40);
    if (metrics.step() % interval == 0 || metrics.validationLoss() != null) {
      double tokens = (double) config.data().batch() * config.data().time() * config.data().microBatches();
      out.println(String.format(Locale.ROOT,
          "step %5d of %d  loss %.4f  gradient norm %.3f  learning rate %.2e  %,.0f tokens/s%s",
          metrics.step(), config.steps(), metrics.loss(), metrics.gradientNorm(), metrics.learningRate(),
          tokens / metrics.seconds(),
          metrics.validationLoss() == null ? ""
              : String.format(Locale.ROOT, "  validation loss %.4f", metrics.validationLoss())));
      out.flush();
    }
  }

  /** Defaults, then the file, then {@code --set}, then the options: the nearer to the user's hand, the stronger. */
  private TrainConfig config() {
    TrainConfig config = TrainConfig.defaults();
    if (file != null) {
      config = Configuration.read(file, config, TrainConfig.class);
    }
    return Configuration.with(config, options(config), TrainConfig.class);
  }

  private Map<String, String> options(TrainConfig config) {
    Map<String, String> keys = new LinkedHashMap<>();
    if (steps != null) {
      put(keys, "schedule.warmup", Math.round((double) config.schedule().warmup() * steps / config.steps()));
    }
    keys.putAll(settings);
    put(keys, "rule", rule == null ? null : ParameterizationCommand.named(rule).name());
    put(keys, "model.width", width);
    put(keys, "base.width", baseWidth);
    put(keys, "model.layers", layers);
    put(keys, "base.layers", baseLayers);
    put(keys, "model.heads", heads);
    put(keys, "model.positions", positions);
    put(keys, "model.density", density);
    put(keys, "model.sparsity.storage", storage);
    put(keys, "model.sparsity.pattern", pattern == null ? null : "'" + pattern + "'");
    put(keys, "model.sparsity.distribution", distribution);
    put(keys, "topology.schedule", topology);
    put(keys, "topology.finalDensity", finalDensity);
    put(keys, "from", from == null ? null : "'" + from.toAbsolutePath() + "'");
    put(keys, "model.norm", norm);
    put(keys, "model.activation", activation);
    put(keys, "base.density", baseDensity);
    put(keys, "hyperparameters.learningRate", learningRate);
    put(keys, "precision", precision);
    put(keys, "steps", steps);
    put(keys, "data.batch", batch);
    put(keys, "data.time", time);
    put(keys, "seed", seed);
    TrainConfig.Data data = TrainConfig.defaults().data();
    if (!corpus.corpus(data.corpus()).equals(data.corpus())) {
      put(keys, "data.corpus", corpus.corpus(data.corpus()));
    }
    if (corpus.limitBytes(data.limitBytes()) != data.limitBytes()) {
      put(keys, "data.limitBytes", corpus.limitBytes(data.limitBytes()));
    }
    return keys;
  }

  private static void put(Map<String, String> keys, String key, @Nullable Object value) {
    if (value != null) {
      keys.put(key, value.toString());
    }
  }
}
