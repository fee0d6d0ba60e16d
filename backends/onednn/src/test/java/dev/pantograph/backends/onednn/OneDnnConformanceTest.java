package dev.pantograph.backends.onednn;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;
import dev.pantograph.tck.Check;
import java.util.Set;

class OneDnnConformanceTest extends BackendConformance {
  /** Rules about refusals, in which a backend gives its name. */
  private static final Set<String> REFUSALS = Set.of("R08", "R11", "R19", "R20");

  @Override
  protected BackendProvider provider() {
    return new OneDnnBackendProvider();
  }

  /** The library computes products; how other kernels compute is checked where they are, in backend {@code vector}. */
  @Override
  protected boolean isMade(Check check) {
    return check.about().startsWith("MatMul") || check.isAboutBackend() || REFUSALS.contains(check.rule());
  }
}
