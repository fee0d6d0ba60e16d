package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Some rows of the left matrix over one block of depth, copied to the heap by one worker: panels of {@link #ROWS} rows,
 * each at most 12 × 384 floats, so that one stays in the first-level cache while it is multiplied with all panels of
 * the right matrix.
 *
 * <p>The left matrix is read one scalar at a time, so either order of its elements serves and neither has to be
 * transposed: rows stay rows ({@link #packRows}), and a transposed matrix keeps its columns together
 * ({@link #packColumns}). Rows that do not exist are left as they were; the sums computed from them are never stored.
 */
final class LeftPanels {
  /** The longest depth a panel holds. */
  static final int MAX_DEPTH = 384;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Rows of a full panel: those of the register tile. 512-bit vectors come with 32 registers, others may have 16. */
  static final int ROWS = FLOATS.vectorBitSize() == 512 ? 12 : 6;

  /**
   * Elements touched when a column of a panel is moved in whole vectors: the next column, moved later, hides the
   * excess.
   */
  private static final int SPAN = Math.ceilDiv(ROWS, LANES) * LANES;

  /**
   * Most rows held at once: three cache lines of a column. Where a transposed matrix is cut at whole lines, none is
   * read twice, and the page each column lies in is looked up once for all of them.
   */
  static final int MAX_ROWS = 48;

  /** Most panels held at once. */
  static final int MAX_PANELS = MAX_ROWS / ROWS;

  /**
   * Distance of rows after {@link #packRows}: a cache line beyond the depth, so that rows do not collide in the cache.
   */
  static final int ROW_STRIDE = MAX_DEPTH + 16;

  private final float[] values = new float[MAX_ROWS * ROW_STRIDE];
  private final float[] tile = new float[ROWS * RightPanels.WIDTH];
  private boolean byColumns;
  private int depth;

  /** Takes rows whose elements lie next to each other. */
  void packRows(MemorySegment source, long start, long rowStride, int rows, int depth) {
    this.byColumns = false;
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
    this.depth = depth;
    int unmasked = Math.max(0, Math.ceilDiv(rows - SPAN + 1, ROWS)) * ROWS;
    for (int k = 0; k < depth; k++) {
      long from = (start + k * columnStride) * Float.BYTES;
      for (int i = 0; i < unmasked; i += ROWS) {
        for (int j = 0; j < ROWS; j += LANES) {
          FloatVector.fromMemorySegment(FLOATS, source, from + (long) (i + j) * Float.BYTES, ORDER)
              .intoArray(values, i * ROW_STRIDE + k * ROWS + j);
        }
      }
    }
    for (int i = unmasked; i < rows; i += ROWS) {
      for (int j = 0; j < ROWS; j += LANES) {
        VectorMask<Float> existing = FLOATS.indexInRange(j, Math.min(ROWS, rows - i));
        for (int k = 0; k < depth; k++) {
          FloatVector.fromMemorySegment(
              FLOATS, source, (start + k * columnStride + i + j) * Float.BYTES, ORDER, existing)
              .intoArray(values, i * ROW_STRIDE + k * ROWS + j, existing);
        }
      }
    }
  }

  /**
   * Multiplies the panel that begins with {@code row} and has {@code rows} existing rows with a panel of the right
   * matrix. The result, {@link RightPanels#WIDTH} floats a row, is valid until the next.
   */
  float[] times(int row, int rows, float[] right, int offset) {
    int panel = row * ROW_STRIDE;
    if (ROWS == 6 || rows <= 6) {
      if (byColumns) {
        Tile6x2.columns(values, panel, right, offset, depth, tile);
      } else {
        Tile6x2.rows(values, panel, right, offset, depth, tile);
      }
    } else if (byColumns) {
      Tile12x2.columns(values, panel, right, offset, depth, tile);
    } else {
      Tile12x2.rows(values, panel, right, offset, depth, tile);
    }
    return tile;
  }
}
