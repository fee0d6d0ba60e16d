package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements in host memory as doubles, which hold every type exactly. Storing rounds to nearest, ties to even. */
final class Encoding {
  private Encoding() {}

  static double load(MemorySegment memory, DType type, long index) {
    return switch (type) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
      case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index);
      case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index);
      case BF16 -> Bfloat16.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index));
    };
  }

  static void store(MemorySegment memory, DType type, long index, double value) {
    switch (type) {
      case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
      case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, value);
      case I32 -> memory.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index, (int) value);
      case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, Bfloat16.fromFloat((float) value));
    }
  }

  /** The value as an element of this type holds it. */
  static double round(DType type, double value) {
    return switch (type) {
      case F32 -> (float) value;
      case F64 -> value;
      case I32 -> (int) value;
      case BF16 -> Bfloat16.toFloat(Bfloat16.fromFloat((float) value));
    };
  }
}
