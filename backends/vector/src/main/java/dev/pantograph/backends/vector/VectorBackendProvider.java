package dev.pantograph.backends.vector;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import jdk.incubator.vector.VectorSpecies;

/** Provides backend {@code vector}, the default on a CPU. Its vector width is that of {@link Lanes}. */
public final class VectorBackendProvider implements BackendProvider {
  static final String ID = "vector";
  private static final int RANK = 100;

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
    VectorSpecies<Float> species = Lanes.FLOATS;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("vector width", species.vectorBitSize() + " bits, " + species.length() + " float32 lanes");
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return new Availability.Available(RANK, facts);
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of());
    return new VectorBackend(options.resolvedThreads());
  }
}
