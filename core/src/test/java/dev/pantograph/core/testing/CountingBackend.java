package dev.pantograph.core.testing;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Passes everything on to another backend and notes what was asked of it. */
public final class CountingBackend implements Backend {
  private final Backend backend;
  private final List<Kernel> kernels = new ArrayList<>();
  private int allocations;

  public CountingBackend(Backend backend) {
    this.backend = backend;
  }

  /** How often memory was taken. */
  public int allocations() {
    return allocations;
  }

  /** All kernels so far, in order of submission. */
  public List<Kernel> kernels() {
    return kernels;
  }

  @Override
  public String id() {
    return backend.id();
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    allocations++;
    return backend.allocate(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    kernels.add(kernel);
    backend.submit(kernel);
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    backend.upload(source, target, targetOffset);
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    backend.download(source, sourceOffset, target);
  }

  @Override
  public void close() {
    backend.close();
  }
}
