package dev.pantograph.cli;

import dev.pantograph.core.scaling.Scale;

/**
 * The dimensions of a model that parameterizations look at.
 *
 * @param width d_model
 * @param feedForward F, hidden width of the feed-forward part
 * @param depth L, number of blocks
 * @param density ρ, share of hidden weights that are not zero
 * @param headDim d_h
 */
record ModelSize(int width, int feedForward, int depth, double density, int headDim) {
  ModelSize {
    requirePositive("width", width);
    requirePositive("feed-forward width", feedForward);
    requirePositive("depth", depth);
    requirePositive("head dimension", headDim);
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException("density is %s (expected: above 0, at most 1)".formatted(density));
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d (expected: at least 1)".formatted(name, value));
    }
  }

  /** This size as multiples of the base's. */
  Scale relativeTo(ModelSize base) {
    return new Scale((double) width / base.width, (double) feedForward / base.feedForward, (double) depth / base.depth,
        density / base.density, headDim, base.headDim);
  }
}
