package dev.pantograph.lab.sparse;

import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a study of sparse training is to do: schedules of density side by side, each at the same training FLOPs. Every
 * key can be set in YAML under its name here.
 *
 * @param model what is trained
 * @param schedules by name, dense among them or not: {@link Arm#SCHEDULES}
 * @param densities of every schedule but dense: where static, set and rigl stay, gmp and journey end and
 *     sparse-to-dense begins
 * @param budgets training FLOPs, in steps of the dense model of the same width
 * @param topology how the schedules change it
 * @param training how each trial trains
 * @param learningRates the grid, extended where the best lies on its edge; searched with the first seed
 * @param text what it trains on
 * @param seeds repetitions; the seed of a trial decides initial values, masks and batches
 */
public record SparseStudyConfig(ModelConfig model, List<String> schedules, List<Double> densities,
    List<Integer> budgets, TopologyConfig topology, TrainingConfig training, LearningRateGrid learningRates,
    TextConfig text, int seeds) {
  /** The fewest dense steps that leave room for a warm-up and a pruning. */
  private static final int LEAST_BUDGET = 4;

  /**
   * The model.
   *
   * @param widths each with all schedules and budgets; the first, dense, is the base of the parameterization
   * @param layers number of blocks
   * @param headDim head dimension, the same at every width
   * @param tiedHead whether the head shares the token table
   * @param initStd σ
   * @param rule parameterization by name
   */
  public record ModelConfig(List<Integer> widths, int layers, int headDim, boolean tiedHead, double initStd,
      String rule) {
    public ModelConfig {
      widths = List.copyOf(widths);
    }
  }

  /**
   * How topologies change. Shares are of a trial's steps; journey has its own, of its compute.
   *
   * @param every steps between two changes
   * @param dropFraction of set and rigl, ζ₀
   * @param regrowUntil share after which those of set and rigl stay
   * @param pruneFrom share before which gmp does not prune
   * @param pruneUntil share after which it no longer does
   * @param denseFrom share after which sparse-to-dense is dense
   * @param corrections of the parameterization follow the initial or the current density
   */
  public record TopologyConfig(int every, double dropFraction, double regrowUntil, double pruneFrom, double pruneUntil,
      double denseFrom, String corrections) {}

  /**
   * One trial's training. Its steps follow from its budget.
   *
   * @param batch sequences per step
   * @param time tokens per sequence
   * @param warmup share of the steps
   * @param schedule shape after the warm-up: constant, cosine, linear or wsd
   * @param weightDecay λ
   * @param validationBatches batches the final loss is measured on
   */
  public record TrainingConfig(int batch, int time, double warmup, String schedule, double weightDecay,
      int validationBatches) {}

  /** A minute or two on two cores: one width, two seeds. */
  public static SparseStudyConfig quick() {
    return of(List.of(32), List.of(100, 200, 400), new LearningRateGrid(-7, -6), 2);
  }

  /** Some ten minutes on two cores. Batches are small, since models this small learn by the number of steps. */
  public static SparseStudyConfig full() {
    return of(List.of(16, 32, 64), List.of(200, 400, 800), new LearningRateGrid(-8, -6), 3);
  }

  /** The standard parameterization, since every schedule has its own learning rate: none needs to transfer. */
  private static SparseStudyConfig of(List<Integer> widths, List<Integer> budgets, LearningRateGrid rates, int seeds) {
    return new SparseStudyConfig(new ModelConfig(widths, 2, 16, false, 0.08, "standard"),
        List.of(Arm.DENSE, "static", "rigl", "gmp", "journey"), List.of(0.25), budgets,
        new TopologyConfig(10, 0.3, 0.75, 0, 0.5, 0.75, "current"),
        new TrainingConfig(4, 64, 0.1, "linear", 0.1, 32), rates, new TextConfig("", 16 << 20), seeds);
  }

  /** The same with other schedules. */
  public SparseStudyConfig schedules(List<String> other) {
    return new SparseStudyConfig(model, other, densities, budgets, topology, training, learningRates, text, seeds);
  }

  /** The same with other densities. */
  public SparseStudyConfig densities(List<Double> other) {
    return new SparseStudyConfig(model, schedules, other, budgets, topology, training, learningRates, text, seeds);
  }

  /** The same with other budgets. */
  public SparseStudyConfig budgets(List<Integer> other) {
    return new SparseStudyConfig(model, schedules, densities, other, topology, training, learningRates, text, seeds);
  }

  /** The same with other text. */
  public SparseStudyConfig text(TextConfig other) {
    return new SparseStudyConfig(
        model, schedules, densities, budgets, topology, training, learningRates, other, seeds);
  }

  /** The same with another number of seeds. */
  public SparseStudyConfig seeds(int other) {
    return new SparseStudyConfig(model, schedules, densities, budgets, topology, training, learningRates, text, other);
  }

  /**
   * Checks what a reader of the results relies on.
   *
   * @throws IllegalArgumentException with every problem found, each with its key
   */
  public SparseStudyConfig {
    schedules = List.copyOf(schedules);
    densities = List.copyOf(densities);
    budgets = List.copyOf(budgets);
    Problems problems = new Problems();
    problems.requireSet("model.widths", model.widths());
    problems.requireSet("schedules", schedules);
    problems.requireSet("budgets", budgets);
    for (String schedule : schedules) {
      problems.require(Arm.SCHEDULES.contains(schedule), "schedules", schedule, String.join(", ", Arm.SCHEDULES));
    }
    if (!schedules.equals(List.of(Arm.DENSE))) {
      problems.requireSet("densities", densities);
    }
    for (double density : densities) {
      problems.require(density > 0 && density < 1, "densities", density, "above 0, below 1");
    }
    for (int budget : budgets) {
      problems.atLeast("budgets", budget, LEAST_BUDGET);
    }
    problems.atLeast("model.headDim", model.headDim(), 1);
    for (int width : model.widths()) {
      problems.require(width >= 1 && (model.headDim() < 1 || width % model.headDim() == 0), "model.widths", width,
          "multiples of model.headDim " + model.headDim());
    }
    problems.atLeast("model.layers", model.layers(), 1);
    problems.atLeast("topology.every", topology.every(), 1);
    problems.requireShare("topology.regrowUntil", topology.regrowUntil());
    problems.requireShare("topology.pruneFrom", topology.pruneFrom());
    problems.requireShare("topology.pruneUntil", topology.pruneUntil());
    problems.require(topology.pruneFrom() < topology.pruneUntil(), "topology.pruneFrom", topology.pruneFrom(),
        "below topology.pruneUntil " + topology.pruneUntil());
    problems.requireShare("topology.denseFrom", topology.denseFrom());
    problems.atLeast("training.batch", training.batch(), 1);
    problems.atLeast("training.time", training.time(), 1);
    problems.requireShare("training.warmup", training.warmup());
    problems.atLeast("training.validationBatches", training.validationBatches(), 1);
    problems.require(learningRates.lowest() <= learningRates.highest(), "learningRates.lowest",
        learningRates.lowest(), "at most learningRates.highest " + learningRates.highest());
    problems.atLeast("text.limitBytes", text.limitBytes(), 1);
    problems.atLeast("seeds", seeds, 1);
    problems.refuse();
  }

  private static final class Problems {
    private final List<String> found = new ArrayList<>();

    void require(boolean condition, String key, Object value, String expected) {
      if (!condition) {
        found.add("%s has %s (expected: %s)".formatted(key, value, expected));
      }
    }

    void atLeast(String key, long value, long least) {
      require(value >= least, key, value, "at least " + least);
    }

    void requireShare(String key, double value) {
      require(value >= 0 && value <= 1, key, value, "0 to 1, a share of the steps");
    }

    void requireSet(String key, List<?> values) {
      require(!values.isEmpty(), key, "nothing", "at least one");
      require(values.stream().distinct().count() == values.size(), key, values, "none twice");
    }

    void refuse() {
      if (!found.isEmpty()) {
        throw new IllegalArgumentException("sparse-study: " + String.join("; ", found));
      }
    }
  }

  /** Every schedule at every density and width, the widths one after another. */
  List<Arm> arms() {
    return model.widths().stream().flatMap(width -> schedules.stream().flatMap(schedule -> schedule.equals(Arm.DENSE)
        ? List.of(new Arm(this, width, schedule, 1)).stream()
        : densities.stream().map(density -> new Arm(this, width, schedule, density)))).toList();
  }

  /**
   * Refuses what would fail in the middle of the study.
   *
   * @throws IllegalArgumentException naming what cannot be
   */
  void check() {
    Parameterization.named(model.rule());
    Schedule.Shape.named(training.schedule());
    DensityReference.named(topology.corrections());
    for (Arm arm : arms()) {
      budgets.forEach(arm::topology);
    }
  }

  /** The seeds of the repetitions. */
  List<Integer> seedNumbers() {
    return IntStream.range(0, seeds).boxed().toList();
  }
}
