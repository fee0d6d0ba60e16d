package dev.pantograph.core.checkpoint;

import dev.pantograph.spi.Shape;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * A tensor to be written. Its data is asked for only when its turn comes, so a checkpoint never needs a second copy of
 * the whole model in memory.
 *
 * @param type the element type
 * @param shape the sizes of the dimensions, outermost first
 * @param data gives the elements in row-major order, little-endian, exactly {@code type.bytes(shape)} bytes; called
 * once
 */
public record SafetensorsSource(SafetensorsType type, Shape shape, Supplier<MemorySegment> data) {

  /** @throws ArithmeticException if the tensor is not a whole number of bytes or exceeds 2⁶³−1 bits */
  public SafetensorsSource {
    type.bytes(shape);
  }

  /** Data that is in memory already. */
  public static SafetensorsSource of(SafetensorsTensor tensor) {
    return new SafetensorsSource(tensor.type(), tensor.shape(), tensor::data);
  }

  /** Size of the data in bytes. */
  long bytes() {
    return type.bytes(shape);
  }
}
