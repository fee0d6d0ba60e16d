package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a product of few rows, stored by rows, with a matrix stored by columns: the layers of a model that reads one
 * token. Each element is the inner product of a row and a column as they lie in memory. The right matrix is read once,
 * and packing it would cost more than that.
 */
final class ColumnDots {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Most rows for which this is worth it: with more, the register tile's fewer loads pay for packing. */
  static final int MAX_ROWS = 4;

  /** Columns at a time: as many streams and chains of additions. */
  private static final int COLUMNS = 4;

  /** Room for the sums of {@link #COLUMNS} columns. */
  static final int SUMS = COLUMNS * LANES;

  private ColumnDots() {}

  /**
   * Computes a tile, with {@link RightPanels#WIDTH} floats a row.
   *
   * @param column the tile's first column
   * @param columns at most {@link RightPanels#WIDTH}
   * @param sums room for {@link #SUMS} floats
   */
  static void multiply(
      Matrices a, Matrices b, long matrix, int rows, int column, int columns, int depth, float[] tile, float[] sums) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int last = Math.min(COLUMNS, columns - j) - 1;
      long first = b.position(matrix, 0, column + j);
      for (int i = 0; i < rows; i++) {
        long row = a.position(matrix, i, 0);
        dots(a.memory(), row, b.memory(), first, first + Math.min(1, last) * b.columnStride(),
            first + Math.min(2, last) * b.columnStride(), first + last * b.columnStride(), depth, sums);
        for (int x = 0; x <= last; x++) {
          long at = first + x * b.columnStride();
          tile[i * RightPanels.WIDTH + j + x] = VectorMath.sum(sums, (x == last ? COLUMNS - 1 : x) * LANES)
              + rest(a.memory(), row, b.memory(), at, depth);
        }
      }
    }
  }

  /** The products of whole vectors summed lane by lane, for four columns. Positions are in elements. */
  private static void dots(
      MemorySegment a, long aAt, MemorySegment b, long b0, long b1, long b2, long b3, int depth, float[] sums) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    FloatVector s2 = FloatVector.zero(FLOATS);
    FloatVector s3 = FloatVector.zero(FLOATS);
    int bound = FLOATS.loopBound(depth);
    for (int k = 0; k < bound; k += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, (aAt + k) * Float.BYTES, ORDER);
      s0 = x.fma(FloatVector.fromMemorySegment(FLOATS, b, (b0 + k) * Float.BYTES, ORDER), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(FLOATS, b, (b1 + k) * Float.BYTES, ORDER), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(FLOATS, b, (b2 + k) * Float.BYTES, ORDER), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(FLOATS, b, (b3 + k) * Float.BYTES, ORDER), s3);
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, LANES);
    s2.intoArray(sums, 2 * LANES);
    s3.intoArray(sums, 3 * LANES);
  }

  private static float rest(MemorySegment a, long aAt, MemorySegment b, long bAt, int depth) {
    float sum = 0;
    for (int k = FLOATS.loopBound(depth); k < depth; k++) {
      sum = Math.fma(a.get(ValueLayout.JAVA_FLOAT, (aAt + k) * Float.BYTES),
          b.get(ValueLayout.JAVA_FLOAT, (bAt + k) * Float.BYTES), sum);
    }
    return sum;
  }
}
