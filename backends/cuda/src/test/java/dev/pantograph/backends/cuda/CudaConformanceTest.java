package dev.pantograph.backends.cuda;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.DType;
import dev.pantograph.tck.BackendConformance;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The conformance kit on a device that runs our kernels on the CPU, one thread after the other. That takes its time, so
 * usually float64 is left to the first rule, and rules about large sizes, memory and threads are left out; {@code
 * -Dpantograph.cuda.tck=all} runs them all.
 */
class CudaConformanceTest extends BackendConformance {
  private static final boolean ALL = "all".equals(System.getProperty("pantograph.cuda.tck"));
  private static final String FIRST = "R01";
  private static final Set<String> LONG = Set.of("R05", "R17", "R21", "R22", "R24");

  @Override
  protected BackendProvider provider() {
    return FakeCuda.require().provider();
  }

  @Override
  @TestFactory
  public Stream<DynamicNode> rules() {
    return super.rules().map(DynamicContainer.class::cast)
        .filter(rule -> ALL || !LONG.contains(id(rule)))
        .map(rule -> DynamicContainer.dynamicContainer(rule.getDisplayName(),
            rule.getChildren().filter(check -> ALL || isUsual(rule, check))));
  }

  private static boolean isUsual(DynamicContainer rule, DynamicNode check) {
    return id(rule).equals(FIRST) || !check.getDisplayName().endsWith(DType.F64.name());
  }

  private static String id(DynamicContainer rule) {
    return rule.getDisplayName().substring(0, FIRST.length());
  }
}
