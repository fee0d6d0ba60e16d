package dev.pantograph.backends.vector;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;

class VectorConformanceTest extends BackendConformance {
  @Override
  protected BackendProvider provider() {
    return new VectorBackendProvider();
  }
}
