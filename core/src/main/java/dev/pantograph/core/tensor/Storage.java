package dev.pantograph.core.tensor;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;

/** Owner of what lives as long as a model: parameters, gradients, optimizer moments. Each tensor has its own buffer. */
public final class Storage implements Allocator, AutoCloseable {
  private final Backend backend;
  private final List<Buffer> buffers = new ArrayList<>();

  public Storage(Backend backend) {
    this.backend = backend;
  }

  @Override
  public Tensor allocate(String name, DType type, Shape shape) {
    Buffer buffer = backend.allocate(name, Math.multiplyExact(shape.elements(), type.bytes()));
    buffers.add(buffer);
    return new Tensor(backend, name, View.of(buffer, type, 0, shape));
  }

  /** Releases the memory of one of its tensors before the others. */
  public void free(Tensor tensor) {
    Buffer buffer = tensor.view().buffer();
    if (buffers.removeIf(owned -> owned == buffer)) {
      buffer.close();
    }
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
    buffers.clear();
  }
}
