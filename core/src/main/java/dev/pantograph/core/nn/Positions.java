package dev.pantograph.core.nn;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a decoder knows the order of its tokens. */
public enum Positions {
  /** A learned table {@code [T, C]}, added to the token embeddings (Radford et al. 2019). */
  LEARNED,
  /** Attention with linear biases: logits fall with the distance, in each head by its own {@link #slopes}. */
  ALIBI,
  /** By the causal mask alone. */
  NONE;

  /**
   * The positions of this name, in any case.
   *
   * @param key what is being set, for the error
   * @throws IllegalArgumentException if there are none
   */
  public static Positions named(String key, String name) {
    return Arrays.stream(values()).filter(value -> value.name().equalsIgnoreCase(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("%s is '%s' (expected: %s)".formatted(key, name,
            Arrays.stream(values()).map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")))));
  }

  /**
   * The slopes of ALiBi (Press et al. 2022, arXiv 2108.12409): {@code 2^(−8·h/H)} for h from 1 to H where H is a power
   * of two. For other H, with c the power of two below it, those of c heads, then those of 2c heads at odd h, which lie
   * between them, as many as are missing.
   *
   * @param heads H, at least 1
   */
  public static double[] slopes(int heads) {
    int power = Integer.highestOneBit(heads);
    double[] slopes = new double[heads];
    for (int i = 0; i < heads; i++) {
      slopes[i] = i < power
          ? Math.pow(2, -8.0 * (i + 1) / power)
          : Math.pow(2, -8.0 * (2 * (i - power) + 1) / (2 * power));
    }
    return slopes;
  }
}
