package dev.pantograph.core.scaling;

/**
 * A model's size relative to the base model whose hyperparameters were tuned. All multipliers are 1 for the base
 * itself.
 *
 * @param width m_N = N / N_base, of the model width d_model
 * @param feedForward m_F = F / F_base, of the feed-forward width
 * @param depth m_L = L / L_base, of the number of blocks
 * @param density m_ρ = ρ / ρ_base, of the share of non-zero hidden weights
 * @param headDim head dimension d_h
 * @param baseHeadDim head dimension of the base
 */
public record Scale(double width, double feedForward, double depth, double density, double headDim,
    double baseHeadDim) {
  public Scale {
    requirePositive("width", width);
    requirePositive("feedForward", feedForward);
    requirePositive("depth", depth);
    requirePositive("density", density);
    requirePositive("headDim", headDim);
    requirePositive("baseHeadDim", baseHeadDim);
  }

  /** The scale of the base model itself. */
  public static Scale base(double headDim) {
    return new Scale(1, 1, 1, 1, headDim, headDim);
  }

  /** The same at another density. */
  Scale density(double other) {
    return new Scale(width, feedForward, depth, other, headDim, baseHeadDim);
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("scale: %s is %s (expected: a positive number)".formatted(name, value));
    }
  }
}
