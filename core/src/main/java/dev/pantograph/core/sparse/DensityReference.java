package dev.pantograph.core.sparse;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which density a parameterization's factors on learning rate and weight decay follow when the topology changes. */
public enum DensityReference {
  /** That of the layer as the model was made: the factors never change. */
  INITIAL,
  /** That of the layer now. */
  CURRENT;

  /** The name in configurations. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The reference of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static DensityReference named(String name) {
    return Arrays.stream(values()).filter(reference -> reference.label().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no density is named '%s'; corrections follow the %s one"
            .formatted(name, Arrays.stream(values()).map(DensityReference::label)
                .collect(Collectors.joining(" or the ")))));
  }
}
