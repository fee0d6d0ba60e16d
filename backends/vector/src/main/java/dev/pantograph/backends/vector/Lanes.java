package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The vector width of this process, fixed when the class is loaded so that the compiler sees a constant: the widest the
 * processor prefers, or the system property {@value VectorWidth#PROPERTY} (128, 256 or 512), by which one machine can
 * run every path up to its own width.
 *
 * <p>It is also the only shape that vectors of float32 have in a process. With one, the compiler knows the class of
 * every such vector; a single one of another shape, used anywhere, makes calls on them virtual, and in a process whose
 * profiles were taken at the wrong moment vectors become objects (decision 010).
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = choose(System.getProperty(VectorWidth.PROPERTY));

  private Lanes() {}

  private static VectorSpecies<Float> choose(@Nullable String bits) {
    VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
    VectorWidth.refusal(bits, widest.vectorBitSize()).ifPresent(why -> {
      throw new IllegalArgumentException(why);
    });
    return bits == null ? widest : widest.withShape(VectorShape.forBitSize(Integer.parseInt(bits)));
  }
}
