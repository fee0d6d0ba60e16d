package dev.pantograph.core.tensor;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Readback;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The element of a tensor that has just one, as it was when it was asked for: a number on its way to the host. */
public final class ScalarReading {
  private final DType type;
  private final MemorySegment element;
  private final Readback readback;

  ScalarReading(Tensor tensor) {
    this.type = tensor.type();
    // Longs, so that an element of any type is aligned.
    this.element = MemorySegment.ofArray(new long[1]).asSlice(0, type.bytes());
    this.readback = tensor.backend().readBack(tensor.view().buffer(), tensor.view().byteOffset(), element);
  }

  /** Whether {@link #await} has nothing to wait for. */
  public boolean isDone() {
    return readback.isDone();
  }

  /** The number, when it has come. */
  public double await() {
    readback.await();
    return switch (type) {
      case F32 -> element.get(ValueLayout.JAVA_FLOAT, 0);
      case F64 -> element.get(ValueLayout.JAVA_DOUBLE, 0);
      case BF16 -> Bfloat16.toFloat(element.get(ValueLayout.JAVA_SHORT, 0));
      case I32 -> element.get(ValueLayout.JAVA_INT, 0);
    };
  }
}
