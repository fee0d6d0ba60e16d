package dev.pantograph.cli;

import dev.pantograph.core.scaling.BaseHyperparameters;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options that give the numbers tuned on the base model. A mixin. */
final class HyperparameterOptions {
  @Option(
      names = "--learning-rate", paramLabel = "η", defaultValue = "0.01", showDefaultValue = Visibility.ALWAYS,
      description = "Peak learning rate of the base model.")
  private double learningRate;

  @Option(
      names = "--init-std", paramLabel = "σ", defaultValue = "0.02", showDefaultValue = Visibility.ALWAYS,
      description = "Initial standard deviation of the base model's weights.")
  private double initStd;

  @Option(
      names = "--weight-decay", paramLabel = "λ", defaultValue = "0.1", showDefaultValue = Visibility.ALWAYS,
      description = "Weight decay of the base model, coupled to the learning rate.")
  private double weightDecay;

  @Option(
      names = "--epsilon", paramLabel = "ε", defaultValue = "1e-8", showDefaultValue = Visibility.ALWAYS,
      description = "Adam's ε of the base model.")
  private double epsilon;

  /** The numbers as core takes them, forward multipliers 1. */
  BaseHyperparameters values() {
    return new BaseHyperparameters(initStd, learningRate, weightDecay, epsilon, 1, 1);
  }
}
