package dev.pantograph.core.nn;

import dev.pantograph.spi.Gelu;
import org.jspecify.annotations.Nullable;

/** What stands between the two products of a feed-forward part. */
public enum FeedForwardActivation {
  /** GELU in its exact form. */
  GELU("gelu"),
  /** GELU in its tanh form. */
  GELU_TANH("gelu-tanh"),
  /** SwiGLU: the first product yields gate and up side by side, {@code [.., 2F]}. */
  SWIGLU("swiglu");

  private final String label;

  FeedForwardActivation(String label) {
    this.label = label;
  }

  /** The name in configurations. */
  public String label() {
    return label;
  }

  /** The form of GELU this is, or null. */
  public Gelu.@Nullable Form geluForm() {
    return switch (this) {
      case GELU -> Gelu.Form.EXACT;
      case GELU_TANH -> Gelu.Form.TANH;
      case SWIGLU -> null;
    };
  }

  /** Whether the first product has a second half, the gate. */
  public boolean isGated() {
    return this == SWIGLU;
  }

  /**
   * The activation of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FeedForwardActivation named(String name) {
    for (FeedForwardActivation activation : values()) {
      if (activation.label.equals(name)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "no activation is named '%s'; there are gelu, gelu-tanh, swiglu".formatted(name));
  }
}
