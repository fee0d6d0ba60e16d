package dev.pantograph.backends.vector;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;
import dev.pantograph.tck.Check;
import java.util.Set;

class VectorConformanceTest extends BackendConformance {
  /** Rules about results, in all sizes and layouts: what the length of vectors has a part in. */
  private static final Set<String> RESULTS =
      Set.of("R01", "R02", "R03", "R04", "R05", "R07", "R09", "R10", "R12", "R13", "R15", "R17");

  @Override
  protected BackendProvider provider() {
    return new VectorBackendProvider();
  }

  /** Refusals, memory, threads and transfers are the same code at every width, and checked at the processor's own. */
  @Override
  protected boolean isMade(Check check) {
    return System.getProperty(VectorWidth.PROPERTY) == null || RESULTS.contains(check.rule());
  }
}
