package dev.pantograph.core.testing;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;

/** The backends core is tested on, opened by id as a user opens them. */
public final class TestBackends {
  private static final Backends ALL = Backends.discover();

  private TestBackends() {}

  /** Float64 throughout: for everything that is compared with a formula. */
  public static Backend reference() {
    return ALL.open("reference", BackendOptions.defaults());
  }

  /** Float32, fast: for everything that needs many steps or great widths. */
  public static Backend vector(int threads) {
    return ALL.open("vector", BackendOptions.threads(threads));
  }
}
