package dev.pantograph.spi;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Passes everything on to another backend: what a decorator starts from. Closing the decorator closes the backend. A
 * {@link #replay} submits its kernels to the decorator one by one.
 */
public abstract class DelegatingBackend implements Backend {
  private final Backend backend;

  protected DelegatingBackend(Backend backend) {
    this.backend = backend;
  }

  @Override
  public String id() {
    return backend.id();
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    return backend.allocate(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    backend.submit(kernel);
  }

  @Override
  public String explain(Kernel kernel) {
    return backend.explain(kernel);
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
  public Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
    return backend.readBack(source, sourceOffset, target);
  }

  @Override
  public @Nullable Ceilings measureCeilings() {
    return backend.measureCeilings();
  }

  @Override
  public @Nullable DeviceModel deviceModel() {
    return backend.deviceModel();
  }

  @Override
  public void close() {
    backend.close();
  }
}
