package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Some rows of the left matrix over one block of depth, copied to the heap by one worker to be multiplied with panel
 * after panel of the right matrix. They fill less than half of a second-level cache of 1 MiB.
 *
 * <p>The left matrix is read one scalar at a time, so either order of its elements serves and neither has to be
 * transposed: rows stay rows, and a transposed matrix is {@linkplain PanelPacking packed} into panels of {@link #ROWS}
 * rows. Rows that do not exist are left as they were; sums computed from them are never stored.
 */
final class LeftPanels {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Rows of a panel: those of the register tile. 512-bit vectors come with 32 registers, others may have 16. */
  static final int ROWS = FLOATS.vectorBitSize() == 512 ? 12 : 6;

  /** The longest depth held: sums over a shorter one stay in registers throughout. */
  static final int MAX_DEPTH = 1024;

  /** Most rows held: whole cache lines of a transposed matrix. */
  static final int MAX_ROWS = 96;

  /** Distance of rows that stay rows: a cache line beyond the depth, so that they do not collide in the cache. */
  static final int ROW_STRIDE = MAX_DEPTH + PanelPacking.SPILL;

  private final float[] values = new float[MAX_ROWS * ROW_STRIDE];
  private final float[] lanes = new float[Math.ceilDiv(ROWS, LANES) * LANES];
  private boolean byRows;
  private int depth;

  /** Takes rows of one matrix over one block of depth. */
  void pack(Matrices a, long matrix, int row, int rows, int firstDepth, int depth) {
    this.depth = depth;
    this.byRows = a.byRows();
    long start = a.position(matrix, row, firstDepth);
    if (byRows) {
      copyRows(a.memory(), start, a.rowStride(), rows, depth);
    } else {
      PanelPacking.copy(a.memory(), start, a.columnStride(), depth, rows, ROWS, values, 0, ROWS * ROW_STRIDE);
    }
  }

  private void copyRows(MemorySegment source, long start, long rowStride, int rows, int depth) {
    int bound = FLOATS.loopBound(depth);
    VectorMask<Float> tail = FLOATS.indexInRange(bound, depth);
    for (int i = 0; i < rows; i++) {
      long from = (start + i * rowStride) * Float.BYTES;
      int to = i * ROW_STRIDE;
      for (int k = 0; k < bound; k += LANES) {
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) k * Float.BYTES, ORDER).intoArray(values, to + k);
      }
      if (bound < depth) {
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) bound * Float.BYTES, ORDER, tail)
            .intoArray(values, to + bound, tail);
      }
    }
  }

  /**
   * Adds to a tile of sums the product of the panel that begins with {@code row}, and has {@code rows} existing rows,
   * and a panel of the right matrix. A tile has {@link RightPanels#WIDTH} floats a row.
   */
  void multiply(int row, int rows, float[] right, int offset, float[] before, int from, float[] after, int to) {
    int panel = row * ROW_STRIDE;
    if (ROWS == 6 || rows <= 6) {
      if (byRows) {
        Tile6x2.rows(values, panel, right, offset, depth, before, from, after, to);
      } else {
        Tile6x2.steps(values, panel, right, offset, depth, before, from, after, to);
      }
    } else if (byRows) {
      Tile12x2.rows(values, panel, right, offset, depth, before, from, after, to);
    } else {
      Tile12x2.steps(values, panel, right, offset, depth, before, from, after, to);
    }
  }

  /** Adds the sum over this block of depth of each of the first rows to {@code sums}. */
  void addRowSums(int rows, float[] sums, int at) {
    if (byRows) {
      for (int i = 0; i < rows; i++) {
        sums[at + i] += rowSum(i * ROW_STRIDE);
      }
      return;
    }
    for (int i = 0; i < rows; i += ROWS) {
      stepSums(i * ROW_STRIDE);
      for (int j = 0; j < Math.min(ROWS, rows - i); j++) {
        sums[at + i + j] += lanes[j];
      }
    }
  }

  private float rowSum(int row) {
    int bound = FLOATS.loopBound(depth);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int k = 0; k < bound; k += LANES) {
      sum = sum.add(FloatVector.fromArray(FLOATS, values, row + k));
    }
    sum.intoArray(lanes, 0);
    float total = VectorMath.sum(lanes, 0);
    for (int k = bound; k < depth; k++) {
      total += values[row + k];
    }
    return total;
  }

  /** Leaves in {@code lanes} the sums of a panel's rows: those of even and of odd steps, so that two chains run. */
  private void stepSums(int panel) {
    for (int j = 0; j < ROWS; j += LANES) {
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      for (int k = 0; k + 1 < depth; k += 2) {
        even = even.add(FloatVector.fromArray(FLOATS, values, panel + k * ROWS + j));
        odd = odd.add(FloatVector.fromArray(FLOATS, values, panel + (k + 1) * ROWS + j));
      }
      if (depth % 2 == 1) {
        even = even.add(FloatVector.fromArray(FLOATS, values, panel + (depth - 1) * ROWS + j));
      }
      even.add(odd).intoArray(lanes, j);
    }
  }
}
