package dev.pantograph.backends.reference;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.util.Map;
import java.util.Set;

/**
 * Provides backend {@code reference}, which other backends are checked against. It runs anywhere and is never chosen by
 * itself where there is another. It computes on the caller's thread, whatever number of threads the options name.
 */
public final class ReferenceBackendProvider implements BackendProvider {
  static final String ID = "reference";
  private static final int RANK = 0;

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "every kernel as its formula, float64: slow, the measure for the others";
  }

  @Override
  public Availability probe() {
    return new Availability.Available(RANK, Map.of("arithmetic", "float64, scalar, one thread"));
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of());
    return new ReferenceBackend();
  }
}
