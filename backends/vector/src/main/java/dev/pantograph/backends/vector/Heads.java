package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * A {@code [B, H, T, D]} operand of attention: rows of D numbers, any distance apart. Blocks of rows are gathered into
 * arrays whose rows are padded with zeros to whole vectors, so that the kernels on them need no special cases.
 */
final class Heads {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final View view;
  private final MemorySegment segment;
  private final int width;
  private final int paddedWidth;

  Heads(View view) {
    this.view = view;
    segment = HostBuffer.segmentOf(view);
    width = Math.toIntExact(view.size(3));
    paddedWidth = padded(width);
  }

  /** A number of elements filled up to whole vectors. */
  static int padded(int elements) {
    return F.loopBound(elements + F.length() - 1);
  }

  private long rowAt(int b, int h, int t) {
    return (view.offset() + b * view.stride(0) + h * view.stride(1) + t * view.stride(2)) * Float.BYTES;
  }

  /** Copies rows {@code [t, t + count)}, times {@code factor}, and follows them by zero rows up to {@code paddedCount}. */
  void gather(int b, int h, int t, int count, int paddedCount, float factor, float[] target, int start) {
    int at = start;
    for (int i = 0; i < count; i++) {
      gatherRow(rowAt(b, h, t + i), factor, target, at);
      at += paddedWidth;
    }
    java.util.Arrays.fill(target, at, start + paddedCount * paddedWidth, 0);
  }

  private void gatherRow(long rowAt, float factor, float[] target, int start) {
    int bound = F.loopBound(width);
    for (int d = 0; d < bound; d += F.length()) {
      FloatVector.fromMemorySegment(F, segment, rowAt + (long) Float.BYTES * d, ORDER).mul(factor)
          .intoArray(target, start + d);
    }
    if (bound < width) {
      VectorMask<Float> rest = F.indexInRange(bound, width);
      FloatVector.fromMemorySegment(F, segment, rowAt + (long) Float.BYTES * bound, ORDER, rest).mul(factor)
          .intoArray(target, start + bound);
    }
  }

  /** Writes the row at t: the padded row of {@code source} times {@code factor}. */
  void scatterRow(int b, int h, int t, float[] source, int start, float factor) {
    long rowAt = rowAt(b, h, t);
    int bound = F.loopBound(width);
    for (int d = 0; d < bound; d += F.length()) {
      FloatVector.fromArray(F, source, start + d).mul(factor)
          .intoMemorySegment(segment, rowAt + (long) Float.BYTES * d, ORDER);
    }
    if (bound < width) {
      VectorMask<Float> rest = F.indexInRange(bound, width);
      FloatVector.fromArray(F, source, start + bound).mul(factor)
          .intoMemorySegment(segment, rowAt + (long) Float.BYTES * bound, ORDER, rest);
    }
  }

  /** The transpose of gathered rows: {@code target[d·rowLength + i] = source[i·paddedWidth + d]}. */
  void transpose(float[] source, int sourceStart, int rows, float[] target, int targetStart, int rowLength) {
    for (int d = 0; d < width; d++) {
      int at = targetStart + d * rowLength;
      for (int i = 0; i < rows; i++) {
        target[at + i] = source[sourceStart + i * paddedWidth + d];
      }
    }
  }
}
