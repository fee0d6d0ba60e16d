package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Seeded operands of one kernel. Every buffer has {@value #GUARD} elements more at either end, and everything starts as
 * random numbers, so that a write outside the outputs shows.
 */
final class Operands implements AutoCloseable {
  private static final int GUARD = 19;

  private final Random random;
  private final List<HostBuffer> buffers = new ArrayList<>();
  private final List<int[]> before = new ArrayList<>();

  private Operands(long seed) {
    random = new Random(seed);
  }

  /** Makes operands and kernel from a seed, runs it on so many threads, and checks that only outputs were written. */
  static Operands run(long seed, int threads, Function<Operands, Kernel> kernel) {
    Operands operands = new Operands(seed);
    Kernel k = kernel.apply(operands);
    operands.snapshot();
    try (VectorBackend backend = new VectorBackend(threads)) {
      backend.submit(k);
    }
    operands.assertOnlyOutputsWritten(k);
    return operands;
  }

  /** A contiguous operand of standard normal numbers. */
  View normal(String name, long... sizes) {
    Shape shape = Shape.of(sizes);
    HostBuffer buffer = allocate(name, shape.elements());
    for (long i = 0; i < buffer.byteSize(); i += Float.BYTES) {
      buffer.segment().set(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return View.of(buffer, DType.F32, GUARD, shape);
  }

  /** A contiguous operand of token indices. */
  View tokens(String name, int vocabulary, long... sizes) {
    Shape shape = Shape.of(sizes);
    HostBuffer buffer = allocate(name, shape.elements());
    for (long i = 0; i < buffer.byteSize(); i += Integer.BYTES) {
      buffer.segment().set(ValueLayout.JAVA_INT, i, random.nextInt(vocabulary));
    }
    return View.of(buffer, DType.I32, GUARD, shape);
  }

  private HostBuffer allocate(String name, long elements) {
    HostBuffer buffer = new HostBuffer(name, (elements + 2 * GUARD) * Float.BYTES);
    buffers.add(buffer);
    return buffer;
  }

  /** The element at an index. */
  static double get(View view, long... index) {
    return HostBuffer.segmentOf(view).get(ValueLayout.JAVA_FLOAT, position(view, index) * Float.BYTES);
  }

  /** The element at an index of an optional operand. */
  static double getOr(double absent, @Nullable View view, long... index) {
    return view == null ? absent : get(view, index);
  }

  static void set(View view, double value, long... index) {
    HostBuffer.segmentOf(view).set(ValueLayout.JAVA_FLOAT, position(view, index) * Float.BYTES, (float) value);
  }

  static void setToken(View view, int value, long... index) {
    HostBuffer.segmentOf(view).set(ValueLayout.JAVA_INT, position(view, index) * Integer.BYTES, value);
  }

  private static long position(View view, long... index) {
    long at = view.offset();
    for (int d = 0; d < index.length; d++) {
      at += index[d] * view.stride(d);
    }
    return at;
  }

  private void snapshot() {
    for (HostBuffer buffer : buffers) {
      before.add(bits(buffer));
    }
  }

  private void assertOnlyOutputsWritten(Kernel kernel) {
    for (int i = 0; i < buffers.size(); i++) {
      BitSet written = new BitSet();
      for (Kernel.Operand operand : kernel.operands()) {
        if (operand.access() != Kernel.Access.READ && operand.view().buffer() == buffers.get(i)) {
          mark(operand.view(), 0, operand.view().offset(), written);
        }
      }
      int[] now = bits(buffers.get(i));
      for (int e = 0; e < now.length; e++) {
        if (!written.get(e)) {
          assertThat(now[e]).as("element %d of %s, outside the outputs", e, buffers.get(i)).isEqualTo(before.get(i)[e]);
        }
      }
    }
  }

  private static void mark(View view, int dimension, long at, BitSet written) {
    if (dimension == view.rank()) {
      written.set((int) at);
      return;
    }
    for (long i = 0; i < view.size(dimension); i++) {
      mark(view, dimension + 1, at + i * view.stride(dimension), written);
    }
  }

  private static int[] bits(HostBuffer buffer) {
    MemorySegment segment = buffer.segment();
    return segment.toArray(ValueLayout.JAVA_INT);
  }

  @Override
  public void close() {
    buffers.forEach(HostBuffer::close);
  }
}
