package dev.pantograph.lab.testing;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;

/** The backends the lab is tested on, opened by id as a user opens them. */
public final class TestBackends {
  private static final Backends ALL = Backends.discover();

  private TestBackends() {}

  public static Backends all() {
    return ALL;
  }

  /** Fast, on one thread. */
  public static Backend vector() {
    return ALL.open("vector", BackendOptions.threads(1));
  }

  /** Slow and obvious. */
  public static Backend reference() {
    return ALL.open("reference", BackendOptions.threads(1));
  }
}
