package dev.pantograph.cli;

import dev.pantograph.core.scaling.Scale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/**
 * The options that give a model's size and that of the base it is compared with. What is left out equals the base. A
 * mixin.
 */
final class ScaleOptions {
  private static final int FEED_FORWARD_PER_WIDTH = 4;

  @Option(names = "--width", paramLabel = "N", description = "Model width d_model. Default: the base's.")
  private @Nullable Integer width;

  @Option(
      names = "--base-width", paramLabel = "N", defaultValue = "256", showDefaultValue = Visibility.ALWAYS,
      description = "Width of the base model.")
  private int baseWidth;

  @Option(names = "--depth", paramLabel = "L", description = "Number of blocks. Default: the base's.")
  private @Nullable Integer depth;

  @Option(
      names = "--base-depth", paramLabel = "L", defaultValue = "4", showDefaultValue = Visibility.ALWAYS,
      description = "Number of blocks of the base model.")
  private int baseDepth;

  @Option(
      names = "--density", paramLabel = "ρ",
      description = "Share of hidden weights that are not zero, above 0, at most 1. Default: the base's.")
  private @Nullable Double density;

  @Option(
      names = "--base-density", paramLabel = "ρ", defaultValue = "1", showDefaultValue = Visibility.ALWAYS,
      description = "Density of the base model.")
  private double baseDensity;

  @Option(
      names = "--feed-forward", paramLabel = "F",
      description = "Hidden width of the feed-forward part. Default: four times the width.")
  private @Nullable Integer feedForward;

  @Option(
      names = "--base-feed-forward", paramLabel = "F",
      description = "The same of the base model. Default: four times the base width.")
  private @Nullable Integer baseFeedForward;

  @Option(names = "--head-dim", paramLabel = "D", description = "Dimension of one attention head. Default: the base's.")
  private @Nullable Integer headDim;

  @Option(
      names = "--base-head-dim", paramLabel = "D", defaultValue = "64", showDefaultValue = Visibility.ALWAYS,
      description = "Head dimension of the base model.")
  private int baseHeadDim;

  /** The size of the model. */
  ModelSize model() {
    int modelWidth = or(width, baseWidth);
    return new ModelSize(modelWidth, or(feedForward, FEED_FORWARD_PER_WIDTH * modelWidth), or(depth, baseDepth),
        density == null ? baseDensity : density, or(headDim, baseHeadDim));
  }

  /** The size of the base model. */
  ModelSize base() {
    return new ModelSize(
        baseWidth, or(baseFeedForward, FEED_FORWARD_PER_WIDTH * baseWidth), baseDepth, baseDensity, baseHeadDim);
  }

  /** The model relative to its base. */
  Scale scale() {
    return model().relativeTo(base());
  }

  private static int or(@Nullable Integer value, int otherwise) {
    return value == null ? otherwise : value;
  }
}
