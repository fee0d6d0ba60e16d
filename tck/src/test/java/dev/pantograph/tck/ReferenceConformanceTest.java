package dev.pantograph.tck;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.BackendProvider;

/** The oracle keeps its own rules: in float32, in place, strided, and against differences of its forward kernels. */
class ReferenceConformanceTest extends BackendConformance {
  @Override
  protected BackendProvider provider() {
    return new ReferenceBackendProvider();
  }
}
