package dev.pantograph.backends.blas;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;

class BlasConformanceTest extends BackendConformance {
  @Override
  protected BackendProvider provider() {
    return new BlasBackendProvider();
  }
}
