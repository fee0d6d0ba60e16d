package dev.pantograph.core.tensor;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;

/** Makes contiguous tensors and owns their memory. */
public interface Allocator {
  /** A new tensor with unspecified content. It must not be used after its owner is closed. */
  Tensor allocate(String name, DType type, Shape shape);
}
