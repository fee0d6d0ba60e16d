package dev.pantograph.core.nn;

/** What stands before every sub-layer and before the head; see {@link dev.pantograph.spi.Norm}. */
public enum Normalization {
  /** Layer normalisation: the mean is subtracted, and there is a bias if the model has biases. */
  LAYER("layer"),
  /** RMSNorm: neither mean nor bias. */
  RMS("rms");

  private final String label;

  Normalization(String label) {
    this.label = label;
  }

  /** The name in configurations. */
  public String label() {
    return label;
  }

  /**
   * The normalisation of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Normalization named(String name) {
    for (Normalization normalization : values()) {
      if (normalization.label.equals(name)) {
        return normalization;
      }
    }
    throw new IllegalArgumentException("no normalisation is named '%s'; there are layer, rms".formatted(name));
  }
}
