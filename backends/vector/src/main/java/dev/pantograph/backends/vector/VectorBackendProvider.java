package dev.pantograph.backends.vector;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Provides backend {@code vector}. It has one setting: {@code bits}, the vector width, 128, 256 or 512; without it the
 * widest that the processor prefers.
 */
public final class VectorBackendProvider implements BackendProvider {
  static final String ID = "vector";
  private static final int RANK = 100;
  private static final String BITS = "bits";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "CPU by the Vector API, float32";
  }

  @Override
  public Availability probe() {
    VectorSpecies<Float> species = FloatVector.SPECIES_PREFERRED;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("vector width", species.vectorBitSize() + " bits, " + species.length() + " float32 lanes");
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return new Availability.Available(RANK, facts);
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of(BITS));
    String bits = options.settings().get(BITS);
    VectorSpecies<Float> species = bits == null
        ? FloatVector.SPECIES_PREFERRED
        : switch (bits) {
          case "128" -> FloatVector.SPECIES_128;
          case "256" -> FloatVector.SPECIES_256;
          case "512" -> FloatVector.SPECIES_512;
          default -> throw new IllegalArgumentException(
              "backend '%s': setting '%s' is '%s' (expected: 128, 256 or 512)".formatted(ID, BITS, bits));
        };
    return new VectorBackend(species, options.resolvedThreads());
  }
}
