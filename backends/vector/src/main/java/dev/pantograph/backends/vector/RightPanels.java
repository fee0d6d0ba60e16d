package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Packs the right matrix: cut into panels of {@link #WIDTH} columns, each panel holds its rows one after another, so
 * that the innermost loop reads one stream. Columns that do not exist are left as they were; sums computed from them
 * are never stored.
 */
final class RightPanels {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Columns of a panel: two vectors. */
  static final int WIDTH = 2 * LANES;

  /** Steps of depth that a transposing copy takes at a time: the elements of one cache line. */
  private static final int STRIP = 16;

  private RightPanels() {}

  /** Packs from a matrix whose rows lie without gaps. */
  static void packRows(
      MemorySegment source, long start, long rowStride, int depth, int columns, float[] to, int offset) {
    if (columns == WIDTH) {
      for (int k = 0; k < depth; k++) {
        long from = (start + k * rowStride) * Float.BYTES;
        FloatVector.fromMemorySegment(FLOATS, source, from, ORDER).intoArray(to, offset + k * WIDTH);
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) LANES * Float.BYTES, ORDER)
            .intoArray(to, offset + k * WIDTH + LANES);
      }
      return;
    }
    for (int j = 0; j < columns; j += LANES) {
      VectorMask<Float> existing = FLOATS.indexInRange(j, columns);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromMemorySegment(FLOATS, source, (start + k * rowStride + j) * Float.BYTES, ORDER, existing)
            .intoArray(to, offset + k * WIDTH + j, existing);
      }
    }
  }

  /** Packs from a matrix whose columns lie without gaps: a transposing copy, in strips of one cache line. */
  static void packColumns(
      MemorySegment source, long start, long columnStride, int depth, int columns, float[] to, int offset) {
    for (int k0 = 0; k0 < depth; k0 += STRIP) {
      int strip = Math.min(STRIP, depth - k0);
      for (int j = 0; j < columns; j++) {
        long from = start + j * columnStride + k0;
        int column = offset + k0 * WIDTH + j;
        for (int k = 0; k < strip; k++) {
          to[column + k * WIDTH] = source.get(ValueLayout.JAVA_FLOAT, (from + k) * Float.BYTES);
        }
      }
    }
  }
}
