package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** A {@code [B, H, T, D]} operand of attention: rows of D numbers, any distance apart. */
final class Heads {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final long VECTOR_BYTES = F.vectorByteSize();
  /** Columns copied at a time: several vectors, so that as many reads of distant memory are under way. */
  private static final int WIDE = 4 * F.length();

  private final MemorySegment segment;
  private final long start;
  private final long batchStride;
  private final long headStride;
  private final long rowStride;

  Heads(View view) {
    segment = HostBuffer.segmentOf(view);
    start = view.byteOffset();
    batchStride = view.stride(0) * Float.BYTES;
    headStride = view.stride(1) * Float.BYTES;
    rowStride = view.stride(2) * Float.BYTES;
  }

  /** A number of elements filled up to whole vectors. */
  static int padded(int elements) {
    return F.loopBound(elements + F.length() - 1);
  }

  private long at(int b, int h, int t, int panel) {
    return start + b * batchStride + h * headStride + t * rowStride + (long) panel * CausalBlock.SIZE * Float.BYTES;
  }

  /**
   * Copies rows {@code [t, t + count)} to those from {@code row} on, and follows them by zeros up to whole tiles, so
   * that products need no special cases.
   */
  void gather(int b, int h, int t, int count, HeadRows target, int row) {
    for (int panel = 0; panel < target.panels(); panel++) {
      long from = at(b, h, t, panel);
      int to = target.at(panel, row);
      int columns = target.columns(panel);
      int wide = columns - columns % WIDE;
      for (int d = 0; d < wide; d += WIDE) {
        gatherWide(segment, from + (long) Float.BYTES * d, rowStride, count, target.data(), to + d);
      }
      for (int d = wide; d < columns; d += F.length()) {
        gatherMasked(
            segment, from + (long) Float.BYTES * d, rowStride, count, target.data(), to + d, columns - d);
      }
    }
    target.clear(row + count, TileProduct.padded(count) - count);
  }

  private static void gatherWide(MemorySegment source, long from, long rowStride, int rows, float[] target, int to) {
    for (int i = 0; i < rows; i++) {
      long row = from + i * rowStride;
      FloatVector first = FloatVector.fromMemorySegment(F, source, row, ORDER);
      FloatVector second = FloatVector.fromMemorySegment(F, source, row + VECTOR_BYTES, ORDER);
      FloatVector third = FloatVector.fromMemorySegment(F, source, row + 2 * VECTOR_BYTES, ORDER);
      FloatVector fourth = FloatVector.fromMemorySegment(F, source, row + 3 * VECTOR_BYTES, ORDER);
      int at = to + i * CausalBlock.SIZE;
      first.intoArray(target, at);
      second.intoArray(target, at + F.length());
      third.intoArray(target, at + 2 * F.length());
      fourth.intoArray(target, at + 3 * F.length());
    }
  }

  private static void gatherMasked(
      MemorySegment source, long from, long rowStride, int rows, float[] target, int to, int columns) {
    VectorMask<Float> present = F.indexInRange(0, columns);
    for (int i = 0; i < rows; i++) {
      FloatVector.fromMemorySegment(F, source, from + i * rowStride, ORDER, present)
          .intoArray(target, to + i * CausalBlock.SIZE);
    }
  }

  /** Writes rows {@code [t, t + count)}: those of {@code source} from {@code row} on, times a factor. */
  void scatter(int b, int h, int t, int count, HeadRows source, int row, float factor) {
    for (int panel = 0; panel < source.panels(); panel++) {
      long to = at(b, h, t, panel);
      int from = source.at(panel, row);
      int columns = source.columns(panel);
      int wide = columns - columns % WIDE;
      for (int d = 0; d < wide; d += WIDE) {
        scatterWide(source.data(), from + d, count, factor, segment, to + (long) Float.BYTES * d, rowStride);
      }
      for (int d = wide; d < columns; d += F.length()) {
        scatterMasked(
            source.data(), from + d, count, factor, segment, to + (long) Float.BYTES * d, rowStride, columns - d);
      }
    }
  }

  private static void scatterWide(
      float[] source, int from, int rows, float factor, MemorySegment target, long to, long rowStride) {
    for (int i = 0; i < rows; i++) {
      int at = from + i * CausalBlock.SIZE;
      FloatVector first = FloatVector.fromArray(F, source, at).mul(factor);
      FloatVector second = FloatVector.fromArray(F, source, at + F.length()).mul(factor);
      FloatVector third = FloatVector.fromArray(F, source, at + 2 * F.length()).mul(factor);
      FloatVector fourth = FloatVector.fromArray(F, source, at + 3 * F.length()).mul(factor);
      long row = to + i * rowStride;
      first.intoMemorySegment(target, row, ORDER);
      second.intoMemorySegment(target, row + VECTOR_BYTES, ORDER);
      third.intoMemorySegment(target, row + 2 * VECTOR_BYTES, ORDER);
      fourth.intoMemorySegment(target, row + 3 * VECTOR_BYTES, ORDER);
    }
  }

  private static void scatterMasked(
      float[] source, int from, int rows, float factor, MemorySegment target, long to, long rowStride, int columns) {
    VectorMask<Float> present = F.indexInRange(0, columns);
    for (int i = 0; i < rows; i++) {
      FloatVector.fromArray(F, source, from + i * CausalBlock.SIZE).mul(factor)
          .intoMemorySegment(target, to + i * rowStride, ORDER, present);
    }
  }
}
