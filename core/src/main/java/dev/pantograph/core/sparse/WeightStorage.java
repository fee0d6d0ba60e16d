package dev.pantograph.core.sparse;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the weights of a sparse layer are held and multiplied. */
public enum WeightStorage {
  /** {@link #COMPRESSED} where backend and precision can, else {@link #MASKED}; the model says which and why. */
  AUTO,
  /**
   * Dense, with a 0/1 mask that every pass multiplies in. Zeros are stored and multiplied: no less memory or time than
   * a dense model, but any backend can.
   */
  MASKED,
  /**
   * Only the weights there are: value, gradient and moments take memory in proportion to the density, and products are
   * the backend's sparse ones. In F32 or F64; not with bfloat16 products.
   */
  COMPRESSED;

  /** The name in configurations. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The storage of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static WeightStorage named(String name) {
    return Arrays.stream(values()).filter(storage -> storage.label().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no storage of sparse weights is named '%s'; there are %s"
            .formatted(name, Arrays.stream(values()).map(WeightStorage::label).collect(Collectors.joining(", ")))));
  }
}
