package org.example.loops;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.tck.BackendConformance;

class LoopsBackendTest extends BackendConformance {
  @Override
  protected BackendProvider provider() {
    return new LoopsProvider();
  }
}
