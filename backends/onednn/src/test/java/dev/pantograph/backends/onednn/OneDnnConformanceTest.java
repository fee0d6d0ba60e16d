package dev.pantograph.backends.onednn;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;

class OneDnnConformanceTest extends BackendConformance {
  @Override
  protected BackendProvider provider() {
    return new OneDnnBackendProvider();
  }
}
