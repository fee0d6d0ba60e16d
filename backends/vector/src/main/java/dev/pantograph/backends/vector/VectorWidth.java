package dev.pantograph.backends.vector;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rule for forcing a vector width by the system property {@value #PROPERTY}. */
final class VectorWidth {
  static final String PROPERTY = "pantograph.vector.bits";

  /** Widths there are micro-kernels for. */
  static final List<String> FORCIBLE = List.of("128", "256", "512");

  private VectorWidth() {}

  /**
   * Why a width cannot be had.
   *
   * @param bits the property's value; null if it is not set
   * @param widest bits of the processor's widest vectors
   * @return empty if it can
   */
  static Optional<String> refusal(@Nullable String bits, int widest) {
    if (bits == null) {
      return Optional.empty();
    }
    if (!FORCIBLE.contains(bits)) {
      return Optional.of("system property %s is '%s' (expected: one of %s)".formatted(PROPERTY, bits, FORCIBLE));
    }
    if (Integer.parseInt(bits) > widest) {
      return Optional.of("system property %s is '%s', but this processor's vectors have %d bits"
          .formatted(PROPERTY, bits, widest));
    }
    return Optional.empty();
  }
}
