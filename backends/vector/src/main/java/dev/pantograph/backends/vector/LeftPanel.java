package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * A few rows of the left matrix over one block of depth, copied to the heap: what one worker multiplies with all panels
 * of the right matrix before it takes the next rows. At most 12 × 256 floats, it stays in the first-level cache
 * meanwhile.
 *
 * <p>The left matrix is read one scalar at a time, so either order of its elements serves and neither has to be
 * transposed: rows stay rows ({@link #packRows}), and a transposed matrix keeps its columns together
 * ({@link #packColumns}). Rows that do not exist are left as they were; the sums computed from them are never stored.
 */
final class LeftPanel {
  /** The longest depth a panel holds. */
  static final int MAX_DEPTH = 256;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Rows of a full panel: those of the register tile. 512-bit vectors come with 32 registers, others may have 16. */
  static final int ROWS = FLOATS.vectorBitSize() == 512 ? 12 : 6;

  /**
   * Distance of rows after {@link #packRows}. One cache line more than the depth, so that rows do not collide in the
   * cache.
   */
  static final int ROW_STRIDE = MAX_DEPTH + 16;

  private final float[] values = new float[ROWS * ROW_STRIDE];
  private final float[] tile = new float[ROWS * RightPanels.WIDTH];
  private boolean byColumns;
  private int rows;
  private int depth;

  /** Takes rows whose elements lie next to each other. */
  void packRows(MemorySegment source, long start, long rowStride, int rows, int depth) {
    this.byColumns = false;
    this.rows = rows;
    this.depth = depth;
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

  /** Takes columns whose elements lie next to each other. */
  void packColumns(MemorySegment source, long start, long columnStride, int rows, int depth) {
    this.byColumns = true;
    this.rows = rows;
    this.depth = depth;
    for (int i = 0; i < rows; i += LANES) {
      VectorMask<Float> existing = FLOATS.indexInRange(i, rows);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromMemorySegment(FLOATS, source, (start + i + k * columnStride) * Float.BYTES, ORDER, existing)
            .intoArray(values, k * ROWS + i, existing);
      }
    }
  }

  /**
   * Multiplies with one panel of the right matrix. The result, {@link RightPanels#WIDTH} floats a row, is valid until
   * the next.
   */
  float[] times(float[] right, int offset) {
    if (ROWS == 6 || rows <= 6) {
      if (byColumns) {
        Tile6x2.columns(values, right, offset, depth, tile);
      } else {
        Tile6x2.rows(values, right, offset, depth, tile);
      }
    } else if (byColumns) {
      Tile12x2.columns(values, right, offset, depth, tile);
    } else {
      Tile12x2.rows(values, right, offset, depth, tile);
    }
    return tile;
  }
}
