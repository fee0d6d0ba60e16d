package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Some rows of a left matrix stored by rows, over one block of depth, copied to the heap by one worker to be multiplied
 * with panel after panel of the right matrix. They fill less than half of a second-level cache of 1 MiB.
 *
 * <p>The left matrix is read one scalar at a time, so rows can stay rows. Rows that do not exist are left as they were;
 * sums computed from them are never stored.
 */
final class LeftRows {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** The longest depth held: sums over a shorter one stay in registers throughout. */
  static final int MAX_DEPTH = 1024;

  /** Most rows held. */
  static final int MAX_ROWS = 96;

  /** Distance of rows: a cache line beyond the depth, so that they do not collide in the cache. */
  static final int STRIDE = MAX_DEPTH + PanelPacking.SPILL;

  private final float[] values = new float[MAX_ROWS * STRIDE];
  private final float[] lanes = new float[LANES];

  /** Takes rows of one matrix over one block of depth. */
  void copy(Matrices a, long matrix, int row, int rows, int firstDepth, int depth) {
    MemorySegment source = a.memory();
    long start = a.position(matrix, row, firstDepth);
    int bound = FLOATS.loopBound(depth);
    VectorMask<Float> tail = FLOATS.indexInRange(bound, depth);
    for (int i = 0; i < rows; i++) {
      long from = (start + i * a.rowStride()) * Float.BYTES;
      int to = i * STRIDE;
      for (int k = 0; k < bound; k += LANES) {
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) k * Float.BYTES, ORDER).intoArray(values, to + k);
      }
      if (bound < depth) {
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) bound * Float.BYTES, ORDER, tail)
            .intoArray(values, to + bound, tail);
      }
    }
  }

  /** {@link LeftPanels#multiply} with the rows from {@code row} on for a panel. */
  void multiply(int row, int rows, float[] right, int offset, int depth, float[] sums, int at) {
    if (LeftPanels.ROWS == 6 || rows <= 6) {
      Tile6x2.rows(values, row * STRIDE, right, offset, depth, sums, at);
    } else {
      Tile12x2.rows(values, row * STRIDE, right, offset, depth, sums, at);
    }
  }

  /** The sum of a row over its depth. */
  float sum(int row, int depth) {
    int bound = FLOATS.loopBound(depth);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int k = 0; k < bound; k += LANES) {
      sum = sum.add(FloatVector.fromArray(FLOATS, values, row * STRIDE + k));
    }
    sum.intoArray(lanes, 0);
    float total = VectorMath.sum(lanes, 0);
    for (int k = bound; k < depth; k++) {
      total += values[row * STRIDE + k];
    }
    return total;
  }
}
