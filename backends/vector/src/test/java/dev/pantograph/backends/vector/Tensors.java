package dev.pantograph.backends.vector;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small tensors for tests, filled from a seed and read back as float64. Their memory is released by {@link #close}. */
final class Tensors implements AutoCloseable {
  private final SplittableRandom random;
  private final List<HostBuffer> buffers = new ArrayList<>();

  Tensors(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A contiguous tensor of values in [−1, 1). */
  View random(long... sizes) {
    View view = empty(DType.F32, sizes);
    for (long i = 0; i < view.elements(); i++) {
      set(view, i, random.nextDouble() * 2 - 1);
    }
    return view;
  }

  /** A contiguous tensor of one value. */
  View filled(double value, long... sizes) {
    View view = empty(DType.F32, sizes);
    for (long i = 0; i < view.elements(); i++) {
      set(view, i, value);
    }
    return view;
  }

  /** A contiguous tensor of zeros. */
  View empty(DType type, long... sizes) {
    Shape shape = Shape.of(sizes);
    HostBuffer buffer = new HostBuffer("test", Math.max(1, shape.elements()) * type.bytes());
    buffers.add(buffer);
    return View.of(buffer, type, 0, shape);
  }

  /** Another tensor with the same elements in the same arrangement, in memory of its own. */
  View copyOf(View view) {
    HostBuffer buffer = new HostBuffer("copy", view.buffer().byteSize());
    buffers.add(buffer);
    buffer.segment().copyFrom(HostBuffer.segmentOf(view));
    View copy = View.of(buffer, view.type(), 0, Shape.of(buffer.byteSize() / view.type().bytes()));
    if (view.isContiguous()) {
      return copy.slice(0, view.offset(), view.elements()).reshape(view.shape());
    }
    throw new IllegalArgumentException("copyOf needs a contiguous view, found " + view);
  }

  /** All elements in row-major order. */
  static double[] values(View view) {
    double[] values = new double[Math.toIntExact(view.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(view, position(view, i));
    }
    return values;
  }

  /** The bits of all elements of an F32 view in row-major order. */
  static int[] bits(View view) {
    int[] bits = new int[Math.toIntExact(view.elements())];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = HostBuffer.segmentOf(view).getAtIndex(ValueLayout.JAVA_INT, position(view, i));
    }
    return bits;
  }

  /** Sets the element with this row-major number. */
  static void set(View view, long index, double value) {
    MemorySegment memory = HostBuffer.segmentOf(view);
    switch (view.type()) {
      case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, position(view, index), (float) value);
      case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, position(view, index), value);
      case I32 -> memory.setAtIndex(ValueLayout.JAVA_INT, position(view, index), (int) value);
      case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, position(view, index), Bfloat16.fromFloat((float) value));
    }
  }

  private static double get(View view, long position) {
    MemorySegment memory = HostBuffer.segmentOf(view);
    return switch (view.type()) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, position);
      case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT, position);
      case BF16 -> Bfloat16.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, position));
    };
  }

  private static long position(View view, long index) {
    long position = view.offset();
    long rest = index;
    for (int d = view.rank() - 1; d >= 0; d--) {
      position += rest % view.size(d) * view.stride(d);
      rest /= view.size(d);
    }
    return position;
  }

  @Override
  public void close() {
    buffers.forEach(HostBuffer::close);
  }
}
