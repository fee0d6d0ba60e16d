package dev.pantograph.tck;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import dev.pantograph.tck.kernels.Positions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The elements of an F32 view: what a flawed backend gets wrong. */
final class Floats {
  private Floats() {}

  /** An element of a contiguous view. */
  static float get(View view, long element) {
    return HostBuffer.segmentOf(view).getAtIndex(ValueLayout.JAVA_FLOAT, view.offset() + element);
  }

  /** Sets an element of a contiguous view. */
  static void set(View view, long element, float value) {
    HostBuffer.segmentOf(view).setAtIndex(ValueLayout.JAVA_FLOAT, view.offset() + element, value);
  }

  /** All elements in row-major order. */
  static float[] all(View view) {
    Positions positions = Positions.of(view);
    MemorySegment memory = HostBuffer.segmentOf(view);
    float[] values = new float[positions.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = memory.getAtIndex(ValueLayout.JAVA_FLOAT, positions.at(i));
    }
    return values;
  }

  static void setAll(View view, float[] values) {
    Positions positions = Positions.of(view);
    MemorySegment memory = HostBuffer.segmentOf(view);
    for (int i = 0; i < values.length; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, positions.at(i), values[i]);
    }
  }

  /** Gives every element another last bit. */
  static void blur(View view) {
    float[] values = all(view);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.nextUp(values[i]);
    }
    setAll(view, values);
  }
}
