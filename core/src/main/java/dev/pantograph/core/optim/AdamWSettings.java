package dev.pantograph.core.optim;

import dev.pantograph.spi.AdamW;

/**
 * What AdamW needs beside the base hyperparameters.
 *
 * @param beta1 decay rate of the first moment
 * @param beta2 decay rate of the second moment
 * @param decay whether weight decay is coupled to the learning rate or independent of it
 * @param maxGradientNorm clipping threshold of the global gradient norm; infinity for none
 */
public record AdamWSettings(double beta1, double beta2, AdamW.Decay decay, double maxGradientNorm) {
  public AdamWSettings {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException("optimizer: β₁ = %s, β₂ = %s (expected: 0 ≤ β < 1)".formatted(beta1, beta2));
    }
    if (!(maxGradientNorm > 0)) {
      throw new IllegalArgumentException("optimizer: maxGradientNorm is %s (expected: above 0)"
          .formatted(maxGradientNorm));
    }
  }

  /** β = (0.9, 0.95), coupled decay, gradients clipped to norm 1. */
  public static AdamWSettings defaults() {
    return new AdamWSettings(0.9, 0.95, AdamW.Decay.COUPLED, 1);
  }
}
