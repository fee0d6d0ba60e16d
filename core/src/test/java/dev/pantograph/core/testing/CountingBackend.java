package dev.pantograph.core.testing;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DelegatingBackend;

/** Counts how often memory is taken. */
public final class CountingBackend extends DelegatingBackend {
  private int allocations;

  public CountingBackend(Backend backend) {
    super(backend);
  }

  /** How often memory was taken so far. */
  public int allocations() {
    return allocations;
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    allocations++;
    return super.allocate(name, byteSize);
  }
}
