package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a product of few rows, stored by rows, with a matrix stored by columns: the layers of a model that reads one
 * token, or one of each of a few texts. Each element is the inner product of a row and a column as they lie in memory.
 * The right matrix comes from memory once, and packing it would cost more than that.
 */
final class ColumnDots {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Whether the sums of a whole tile stay in registers: 512-bit vectors come with 32 of them. */
  private static final boolean TALL = FLOATS.vectorBitSize() == 512;

  /** Most rows for which this is worth it: with more, the register tile's fewer loads pay for packing. */
  static final int MAX_ROWS = TALL ? 16 : 4;

  /** Rows of a tile. */
  static final int ROWS = 4;

  /** Columns at a time: as many streams, and chains of additions for each row. */
  private static final int COLUMNS = 4;

  /** Room for the sums of {@link #ROWS} rows and {@link #COLUMNS} columns. */
  static final int SUMS = ROWS * COLUMNS * LANES;

  private ColumnDots() {}

  /**
   * Computes a tile, with {@link RightPanels#WIDTH} floats a row.
   *
   * @param row the tile's first row
   * @param rows at most {@link #ROWS}
   * @param column the tile's first column
   * @param columns at most {@link RightPanels#WIDTH}
   * @param sums room for {@link #SUMS} floats
   */
  static void multiply(
      Matrices a, Matrices b, long matrix, int row, int rows, int column, int columns, int depth,
      float[] tile, float[] sums) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int last = Math.min(COLUMNS, columns - j) - 1;
      long b0 = b.position(matrix, 0, column + j);
      long b1 = b0 + Math.min(1, last) * b.columnStride();
      long b2 = b0 + Math.min(2, last) * b.columnStride();
      long b3 = b0 + last * b.columnStride();
      long a0 = a.position(matrix, row, 0);
      if (TALL && rows == ROWS) {
        long stride = a.rowStride();
        dots(a.memory(), a0, a0 + stride, a0 + 2 * stride, a0 + 3 * stride, b.memory(), b0, b1, b2, b3, depth, sums);
      } else {
        for (int i = 0; i < rows; i++) {
          dots(a.memory(), a0 + i * a.rowStride(), b.memory(), b0, b1, b2, b3, depth, sums, i * COLUMNS * LANES);
        }
      }
      for (int i = 0; i < rows; i++) {
        for (int x = 0; x <= last; x++) {
          tile[i * RightPanels.WIDTH + j + x] =
              VectorMath.sum(sums, (i * COLUMNS + (x == last ? COLUMNS - 1 : x)) * LANES)
                  + rest(a.memory(), a0 + i * a.rowStride(), b.memory(), b0 + x * b.columnStride(), depth);
        }
      }
    }
  }

  /** The products of whole vectors of one row summed lane by lane, for four columns. Positions are in elements. */
  private static void dots(
      MemorySegment a, long aAt, MemorySegment b, long b0, long b1, long b2, long b3, int depth,
      float[] sums, int at) {
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
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + LANES);
    s2.intoArray(sums, at + 2 * LANES);
    s3.intoArray(sums, at + 3 * LANES);
  }

  /** The same of four rows, row after row in {@code sums}: each vector is loaded once for four products. */
  private static void dots(
      MemorySegment a, long a0, long a1, long a2, long a3, MemorySegment b, long b0, long b1, long b2, long b3,
      int depth, float[] sums) {
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    FloatVector s33 = s00;
    int bound = FLOATS.loopBound(depth);
    for (int k = 0; k < bound; k += LANES) {
      FloatVector y0 = FloatVector.fromMemorySegment(FLOATS, b, (b0 + k) * Float.BYTES, ORDER);
      FloatVector y1 = FloatVector.fromMemorySegment(FLOATS, b, (b1 + k) * Float.BYTES, ORDER);
      FloatVector y2 = FloatVector.fromMemorySegment(FLOATS, b, (b2 + k) * Float.BYTES, ORDER);
      FloatVector y3 = FloatVector.fromMemorySegment(FLOATS, b, (b3 + k) * Float.BYTES, ORDER);
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, (a0 + k) * Float.BYTES, ORDER);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      s02 = x.fma(y2, s02);
      s03 = x.fma(y3, s03);
      x = FloatVector.fromMemorySegment(FLOATS, a, (a1 + k) * Float.BYTES, ORDER);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      s12 = x.fma(y2, s12);
      s13 = x.fma(y3, s13);
      x = FloatVector.fromMemorySegment(FLOATS, a, (a2 + k) * Float.BYTES, ORDER);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      s22 = x.fma(y2, s22);
      s23 = x.fma(y3, s23);
      x = FloatVector.fromMemorySegment(FLOATS, a, (a3 + k) * Float.BYTES, ORDER);
      s30 = x.fma(y0, s30);
      s31 = x.fma(y1, s31);
      s32 = x.fma(y2, s32);
      s33 = x.fma(y3, s33);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, LANES);
    s02.intoArray(sums, 2 * LANES);
    s03.intoArray(sums, 3 * LANES);
    s10.intoArray(sums, 4 * LANES);
    s11.intoArray(sums, 5 * LANES);
    s12.intoArray(sums, 6 * LANES);
    s13.intoArray(sums, 7 * LANES);
    s20.intoArray(sums, 8 * LANES);
    s21.intoArray(sums, 9 * LANES);
    s22.intoArray(sums, 10 * LANES);
    s23.intoArray(sums, 11 * LANES);
    s30.intoArray(sums, 12 * LANES);
    s31.intoArray(sums, 13 * LANES);
    s32.intoArray(sums, 14 * LANES);
    s33.intoArray(sums, 15 * LANES);
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
