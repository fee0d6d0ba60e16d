package dev.pantograph.lab.transfer;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.scale.ModelFamily;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transfer experiment is to do. Every key can be set in YAML under its name here.
 *
 * @param studies axes with the rules to compare along them
 * @param training how each trial trains
 * @param seeds repetitions; the seed of a trial decides initial values, masks and batches
 */
public record TransferConfig(List<StudyConfig> studies, TrainingConfig training, int seeds) {

  /**
   * One axis.
   *
   * @param axis what is scaled
   * @param rules parameterizations by name, each swept along the axis
   * @param sizes width, layers or density, the base first
   * @param base the base model; its value on the axis itself is not used
   * @param learningRates the grid, extended where an optimum lies on its edge
   */
  public record StudyConfig(Axis axis, List<String> rules, List<Double> sizes, BaseModel base, Grid learningRates) {

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

  /**
   * Learning rates 2^k for whole k.
   *
   * @param lowest smallest k
   * @param highest largest k
   */
  public record Grid(int lowest, int highest) {}

  /** Three minutes on two cores: widths 32 to 128 under the standard parameterization and µP. */
  public static TransferConfig quick() {
    StudyConfig width = new StudyConfig(Axis.WIDTH, List.of("standard", "mup"), List.of(32.0, 64.0, 128.0, 256.0),
        new BaseModel(32, 2, 16, 1, 0.02), new Grid(-10, -4));
    return new TransferConfig(List.of(width), new TrainingConfig(8, 64, 100, 10, "linear", 0.1, 16), 2);
  }

  /** Widths under the standard parameterization and µP, densities under these and SµPar, depths with CompleteP. */
  public static TransferConfig full() {
    StudyConfig width = new StudyConfig(Axis.WIDTH, List.of("standard", "mup"), List.of(64.0, 128.0, 256.0, 512.0),
        new BaseModel(64, 2, 32, 1, 0.02), new Grid(-11, -4));
    StudyConfig density = new StudyConfig(Axis.DENSITY, List.of("standard", "mup", "supar"), List.of(1.0, 0.5, 0.25, 0.125),
        new BaseModel(256, 2, 32, 1, 0.02), new Grid(-11, -4));
    return new TransferConfig(List.of(width, density), new TrainingConfig(8, 128, 200, 20, "linear", 0.1, 16), 3);
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
    require(problems, training.warmup() >= 0 && training.warmup() <= training.steps(), "training.warmup", training.warmup());
    require(problems, training.validationBatches() >= 1, "training.validationBatches", training.validationBatches());
    require(problems, seeds >= 1, "seeds", seeds);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("transfer: " + String.join("; ", problems));
    }
  }

  /** The study of an axis; a configuration has one for each axis at most. */
  StudyConfig study(Axis axis) {
    return studies.stream().filter(study -> study.axis() == axis).findFirst().orElseThrow();
  }

  private static void require(List<String> problems, boolean condition, String key, int value) {
    if (!condition) {
      problems.add(key + " is " + value + (key.equals("training.warmup") ? " (expected: between 0 and training.steps)"
          : " (expected: at least 1)"));
    }
  }
}
