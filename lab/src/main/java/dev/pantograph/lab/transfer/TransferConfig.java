package dev.pantograph.lab.transfer;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.scale.ModelFamily;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transfer experiment is to do. Every key can be set in YAML under its name here.
 *
 * @param studies axes with the rules to compare along them
 * @param training how each trial trains
 * @param text what it trains on
 * @param seeds repetitions; the seed of a trial decides initial values, masks and batches
 */
public record TransferConfig(List<StudyConfig> studies, TrainingConfig training, TextConfig text, int seeds) {
  private static final TextConfig TEXT = new TextConfig("", 16 << 20);
  private static final int HEAD_DIM = 16;
  private static final double INIT_STD = 0.08;

  /**
   * One axis.
   *
   * @param axis what is scaled
   * @param rules parameterizations by name, each swept along the axis
   * @param sizes width, layers or density, the base first
   * @param base the base model; its value on the axis itself is not used
   * @param learningRates the grid, extended where an optimum lies on its edge
   */
  public record StudyConfig(Axis axis, List<String> rules, List<Double> sizes, BaseModel base,
      LearningRateGrid learningRates) {

    /** The models along the axis. */
    ModelFamily family(int vocabulary, int context) {
      return new ModelFamily(axis, sizes.getFirst(), base, vocabulary, context);
    }
  }

  /**
   * One trial's training.
   *
   * @param batch sequences per step
   * @param time tokens per sequence
   * @param steps updates
   * @param warmup warm-up steps
   * @param schedule shape after the warm-up: constant, cosine, linear or wsd
   * @param weightDecay λ
   * @param validationBatches batches the final loss is measured on
   */
  public record TrainingConfig(int batch, int time, int steps, int warmup, String schedule, double weightDecay,
      int validationBatches) {}

  /** Some three minutes on two cores: widths under the standard parameterization and µP. */
  public static TransferConfig quick() {
    return new TransferConfig(List.of(study(Axis.WIDTH, true)), new TrainingConfig(16, 64, 100, 10, "linear", 0.1, 8),
        TEXT, 3);
  }

  /** Widths under the standard parameterization and µP, densities under these and SµPar. */
  public static TransferConfig full() {
    return new TransferConfig(List.of(study(Axis.WIDTH, false), study(Axis.DENSITY, false)),
        new TrainingConfig(16, 64, 100, 10, "linear", 0.1, 8), TEXT, 3);
  }

  /** The same with the ready-made studies of these axes. */
  public TransferConfig axes(List<Axis> axes, boolean quick) {
    return new TransferConfig(axes.stream().map(axis -> study(axis, quick)).toList(), training, text, seeds);
  }

  /** The same with the standard parameterization and one rule in every study. */
  public TransferConfig rule(String rule) {
    return new TransferConfig(studies.stream().map(study -> new StudyConfig(study.axis(),
        rule.equals("standard") ? List.of(rule) : List.of("standard", rule), study.sizes(), study.base(),
            study.learningRates()))
        .toList(), training, text, seeds);
  }

  /** The same with other text. */
  public TransferConfig text(TextConfig other) {
    return new TransferConfig(studies, training, other, seeds);
  }

  /** The same with another number of seeds. */
  public TransferConfig seeds(int other) {
    return new TransferConfig(studies, training, text, other);
  }

  /** The same with another number of steps, the same share of which warm up. */
  public TransferConfig steps(int other) {
    int warmup = Math.toIntExact(Math.round((double) training.warmup() * other / training.steps()));
    return new TransferConfig(studies,
        new TrainingConfig(training.batch(), training.time(), other, warmup, training.schedule(),
        training.weightDecay(), training.validationBatches()), text, seeds);
  }

  /** A study small enough for a laptop. A wide σ and a head of its own give tiny models a clear optimum. */
  private static StudyConfig study(Axis axis, boolean quick) {
    return switch (axis) {
      case WIDTH -> new StudyConfig(axis, List.of("standard", "mup"),
          quick ? List.of(32.0, 64.0, 128.0) : List.of(32.0, 64.0, 128.0, 256.0), base(32, 2),
          new LearningRateGrid(quick ? -9 : -10, -4));
      case DEPTH -> new StudyConfig(axis, List.of("standard", "completep"),
          quick ? List.of(2.0, 4.0, 8.0) : List.of(2.0, 4.0, 8.0, 16.0), base(64, 2), new LearningRateGrid(-10, -4));
      case DENSITY -> new StudyConfig(axis, List.of("standard", "mup", "supar"),
          quick ? List.of(1.0, 0.5, 0.25) : List.of(1.0, 0.5, 0.25, 0.125), base(128, 2),
          new LearningRateGrid(-10, -4));
    };
  }

  private static BaseModel base(int width, int layers) {
    return new BaseModel(width, layers, HEAD_DIM, 1, false, INIT_STD);
  }

  /**
   * Checks what a reader of the results relies on.
   *
   * @throws IllegalArgumentException with every problem found, each with its key
   */
  public TransferConfig {
    studies = List.copyOf(studies);
    List<String> problems = new ArrayList<>();
    if (studies.isEmpty()) {
      problems.add("studies is empty (expected: at least one axis)");
    }
    if (studies.stream().map(StudyConfig::axis).distinct().count() < studies.size()) {
      problems.add("studies name an axis twice (expected: one study for each axis)");
    }
    for (StudyConfig study : studies) {
      String where = "studies, axis " + study.axis().label() + ": ";
      if (study.rules().isEmpty() || study.sizes().isEmpty()) {
        problems.add(where + "needs at least one rule and one size");
      }
      if (study.learningRates().lowest() > study.learningRates().highest()) {
        problems.add(where + "learningRates go from 2^%d to 2^%d (expected: lowest first)".formatted(
            study.learningRates().lowest(), study.learningRates().highest()));
      }
    }
    require(problems, training.batch() >= 1, "training.batch", training.batch());
    require(problems, training.time() >= 1, "training.time", training.time());
    require(problems, training.steps() >= 1, "training.steps", training.steps());
    require(problems, training.warmup() >= 0 && training.warmup() <= training.steps(), "training.warmup",
        training.warmup());
    require(problems, training.validationBatches() >= 1, "training.validationBatches", training.validationBatches());
    require(problems, text.limitBytes() >= 1, "text.limitBytes", text.limitBytes());
    require(problems, seeds >= 1, "seeds", seeds);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("transfer: " + String.join("; ", problems));
    }
  }

  /** The study of an axis; a configuration has one for each axis at most. */
  StudyConfig study(Axis axis) {
    return studies.stream().filter(study -> study.axis() == axis).findFirst().orElseThrow();
  }

  private static void require(List<String> problems, boolean condition, String key, long value) {
    if (!condition) {
      problems.add(key + " is " + value + (key.equals("training.warmup") ? " (expected: between 0 and training.steps)"
          : " (expected: at least 1)"));
    }
  }
}
