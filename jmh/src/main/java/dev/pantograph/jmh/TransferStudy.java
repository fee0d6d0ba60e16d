package dev.pantograph.jmh;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.transfer.TransferConfig;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import java.util.List;

/**
 * One parameterization along one axis of scale, as small as still tells a rule that transfers from one that does not.
 *
 * @param axis what is scaled
 * @param rule parameterization by name
 * @param sizes the base first
 * @param width of the base model
 */
record TransferStudy(Axis axis, String rule, List<Double> sizes, int width) {
  /** The rule that follows no size: its drift is what the others are there to remove. */
  static final String STANDARD = "standard";

  private static final int LAYERS = 2;
  private static final int HEAD_DIM = 16;
  private static final double INIT_STD = 0.08;
  private static final int SEEDS = 2;

  private static final List<Double> WIDTHS = List.of(32.0, 64.0, 128.0);
  private static final List<Double> DEPTHS = List.of(2.0, 4.0, 8.0);
  private static final List<Double> DENSITIES = List.of(1.0, 0.5, 0.25);

  /** Each axis with the rule made for it and, for contrast, the standard one. */
  static final List<TransferStudy> ALL = List.of(
      new TransferStudy(Axis.WIDTH, "mup", WIDTHS, 32),
      new TransferStudy(Axis.WIDTH, STANDARD, WIDTHS, 32),
      new TransferStudy(Axis.DEPTH, "completep", DEPTHS, 32),
      new TransferStudy(Axis.DEPTH, STANDARD, DEPTHS, 32),
      new TransferStudy(Axis.DENSITY, "supar", DENSITIES, 96),
      new TransferStudy(Axis.DENSITY, STANDARD, DENSITIES, 96));

  /** As in the names of cases: {@code width mup}. */
  String name() {
    return axis.label() + " " + rule;
  }

  /**
   * The study of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static TransferStudy named(String name) {
    return ALL.stream().filter(study -> study.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no transfer study is named '%s'".formatted(name)));
  }

  TransferConfig config() {
    StudyConfig study = new StudyConfig(axis, List.of(rule), sizes,
        new BaseModel(width, LAYERS, HEAD_DIM, 1, false, INIT_STD), new LearningRateGrid(-9, -5));
    return new TransferConfig(List.of(study), new TrainingConfig(16, 32, 80, 8, "linear", 0.1, 8),
        new TextConfig("", 4 << 20), SEEDS);
  }
}
