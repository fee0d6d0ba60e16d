package dev.pantograph.core.checkpoint;

import dev.pantograph.spi.Shape;
import java.lang.foreign.MemorySegment;

/**
 * One tensor of a file.
 *
 * @param type the element type
 * @param shape the sizes of the dimensions, outermost first
 * @param data the elements in row-major order, little-endian, exactly {@code type.bytes(shape)} bytes
 */
public record SafetensorsTensor(SafetensorsType type, Shape shape, MemorySegment data) {

  /** @throws IllegalArgumentException if {@code data} does not have the size that type and shape demand */
  public SafetensorsTensor {
    if (data.byteSize() != type.bytes(shape)) {
      throw new IllegalArgumentException(
          "tensor data: found %d bytes, needed %d for %s%s; pass exactly the elements' bytes"
              .formatted(data.byteSize(), type.bytes(shape), type, shape));
    }
  }
}
