package dev.pantograph.lab.transfer;

import java.util.List;

/**
 * What a transfer experiment is to do. Every key can be set in YAML under its name here.
 *
 * @param studies axes with the rules to compare along them
 * @param base shape of the base model and of everything that is not scaled
 * @param training how each trial trains
 * @param seeds number of seeds; seed s of a trial decides initial values, masks and batches
 * @param learningRates log₂ of the grid's lowest and highest learning rate; extended where an optimum lies on its edge
 */
public record TransferConfig(
    List<StudyConfig> studies, ModelConfig base, TrainingConfig training, int seeds, Grid learningRates) {

  /**
   * One axis.
   *
   * @param axis what is scaled
   * @param rules parameterizations by name, each swept along the axis
   * @param sizes width, layers or density, the base first
   */
  public record StudyConfig(Axis axis, List<String> rules, List<Double> sizes) {}

  /**
   * The base model.
   *
   * @param width d_model
   * @param layers number of blocks
   * @param headDim d_h, the same at every width
   * @param density share of non-zero hidden weights
   * @param initStd σ
   */
  public record ModelConfig(int width, int layers, int headDim, double density, double initStd) {}

  /**
   * One trial's training.
   *
   * @param batch sequences per step
   * @param time tokens per sequence
   * @param steps updates
   * @param warmup warm-up steps
   * @param schedule shape after the warm-up
   * @param weightDecay λ
   * @param validationBatches batches the final loss is measured on
   */
  public record TrainingConfig(int batch, int time, int steps, int warmup, String schedule, double weightDecay,
      int validationBatches) {}

  /**
   * Learning rates 2^k for k from {@code lowest} to {@code highest} in whole steps.
   *
   * @param lowest smallest exponent
   * @param highest largest exponent
   */
  public record Grid(int lowest, int highest) {}
}
