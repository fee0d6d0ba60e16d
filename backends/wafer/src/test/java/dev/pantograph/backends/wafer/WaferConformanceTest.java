package dev.pantograph.backends.wafer;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;
import dev.pantograph.tck.Check;
import java.util.Set;

/** The rules that passing work on could break; the others, the backend that computes has kept. */
class WaferConformanceTest extends BackendConformance {
  private static final Set<String> RULES =
      Set.of("R01", "R08", "R11", "R19", "R20", "R21", "R22", "R23", "R24", "R25", "R26", "R27", "R28");

  @Override
  protected BackendProvider provider() {
    return new WaferBackendProvider();
  }

  @Override
  protected boolean isMade(Check check) {
    return RULES.contains(check.rule());
  }
}
