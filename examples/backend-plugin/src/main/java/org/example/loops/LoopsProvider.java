package org.example.loops;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.SpiVersion;
import java.util.Map;
import java.util.Set;

/** How Pantograph finds backend {@code loops}. */
@SpiVersion(SpiVersion.CURRENT)
public final class LoopsProvider implements BackendProvider {
  static final String ID = "loops";

  /** Above the oracle, which has 0, and below the vectorised backend, which has 100. */
  private static final int RANK = 10;

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "matrix products by plain loops, the rest as the reference does it";
  }

  @Override
  public Availability probe() {
    return new Availability.Available(RANK, Map.of("matrix products", "float32, rows shared out among threads"));
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of());
    return new LoopsBackend(options.resolvedThreads());
  }
}
