package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The vector width of this process, fixed when the class is loaded so that the compiler sees a constant: the widest the
 * processor prefers, or the system property {@value #PROPERTY} (128, 256 or 512), by which one machine can run every
 * path.
 */
final class Lanes {
  static final String PROPERTY = "pantograph.vector.bits";

  static final VectorSpecies<Float> FLOATS = choose(System.getProperty(PROPERTY));

  private Lanes() {}

  private static VectorSpecies<Float> choose(@Nullable String bits) {
    return switch (bits) {
      case null -> FloatVector.SPECIES_PREFERRED;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default -> throw new IllegalArgumentException(
          "system property %s is '%s' (expected: 128, 256 or 512)".formatted(PROPERTY, bits));
    };
  }
}
