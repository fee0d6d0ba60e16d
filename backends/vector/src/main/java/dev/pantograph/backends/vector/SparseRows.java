package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of products with a sparse weight on {@link TokenTile}s. A non-zero is one value times one column
 * of the tile, each of whose vectors is loaded for one multiply-add; sums stay in registers for a row. Columns
 * are found by their offset: a slice for each would be an object wherever the compiler does not see through it.
 */
final class SparseRows {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Vectors of a column of the tiles of a product: what registers hold the sums of. */
  static final int VECTORS = 4;

  /** Those of the tiles of a sampled product: the more, the fewer sums over lanes. */
  static final int SAMPLED_VECTORS = 8;

  /** Bytes of a column of a product's tiles. */
  static final int BYTES = VECTORS * STEP;

  /** Bytes of a column of a sampled product's tiles. */
  static final int SAMPLED_BYTES = SAMPLED_VECTORS * STEP;

  private SparseRows() {}

  /**
   * {@code y[row] (+)= Σᵢ valueᵢ·x[columnᵢ]} over the non-zeros of each row.
   *
   * @param order row of visit v at index {@code at + v}, the first row of y being {@code firstRow}
   * @param starts index of the first non-zero of visit v at index {@code at + v}
   */
  static void multiply(
      MemorySegment x, int[] order, int[] starts, int at, int visits, int firstRow, char[] columns, float[] values,
      MemorySegment y, boolean add) {
    for (int visit = at; visit < at + visits; visit++) {
      MemorySegment sums = y.asSlice((long) (order[visit] - firstRow) * BYTES, BYTES);
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      if (add) {
        s0 = FloatVector.fromMemorySegment(F, sums, 0, ORDER);
        s1 = FloatVector.fromMemorySegment(F, sums, STEP, ORDER);
        s2 = FloatVector.fromMemorySegment(F, sums, 2 * STEP, ORDER);
        s3 = FloatVector.fromMemorySegment(F, sums, 3 * STEP, ORDER);
      }
      int end = starts[visit + 1];
      for (int i = starts[visit]; i < end; i++) {
        long column = (long) columns[i] * BYTES;
        FloatVector value = FloatVector.broadcast(F, values[i]);
        s0 = value.fma(FloatVector.fromMemorySegment(F, x, column, ORDER), s0);
        s1 = value.fma(FloatVector.fromMemorySegment(F, x, column + STEP, ORDER), s1);
        s2 = value.fma(FloatVector.fromMemorySegment(F, x, column + 2 * STEP, ORDER), s2);
        s3 = value.fma(FloatVector.fromMemorySegment(F, x, column + 3 * STEP, ORDER), s3);
      }
      s0.intoMemorySegment(sums, 0, ORDER);
      s1.intoMemorySegment(sums, STEP, ORDER);
      s2.intoMemorySegment(sums, 2 * STEP, ORDER);
      s3.intoMemorySegment(sums, 3 * STEP, ORDER);
    }
  }

  /**
   * {@code products[i] = Σᵥ dy[row]ᵥ·x[columnᵢ]ᵥ} for the non-zeros i of each row, v counting the vectors of a column:
   * one vector of sums a non-zero, the first at index 0, which {@link LaneSums} turns into a number.
   */
  static void products(
      MemorySegment x, MemorySegment dy, int[] order, int[] starts, int at, int visits, int firstRow, char[] columns,
      MemorySegment products) {
    int first = starts[at];
    for (int visit = at; visit < at + visits; visit++) {
      MemorySegment gradient = dy.asSlice((long) (order[visit] - firstRow) * SAMPLED_BYTES, SAMPLED_BYTES);
      FloatVector d0 = FloatVector.fromMemorySegment(F, gradient, 0, ORDER);
      FloatVector d1 = FloatVector.fromMemorySegment(F, gradient, STEP, ORDER);
      FloatVector d2 = FloatVector.fromMemorySegment(F, gradient, 2 * STEP, ORDER);
      FloatVector d3 = FloatVector.fromMemorySegment(F, gradient, 3 * STEP, ORDER);
      FloatVector d4 = FloatVector.fromMemorySegment(F, gradient, 4 * STEP, ORDER);
      FloatVector d5 = FloatVector.fromMemorySegment(F, gradient, 5 * STEP, ORDER);
      FloatVector d6 = FloatVector.fromMemorySegment(F, gradient, 6 * STEP, ORDER);
      FloatVector d7 = FloatVector.fromMemorySegment(F, gradient, 7 * STEP, ORDER);
      int end = starts[visit + 1];
      for (int i = starts[visit]; i < end; i++) {
        long column = (long) columns[i] * SAMPLED_BYTES;
        FloatVector even = d0.mul(FloatVector.fromMemorySegment(F, x, column, ORDER));
        FloatVector odd = d1.mul(FloatVector.fromMemorySegment(F, x, column + STEP, ORDER));
        even = d2.fma(FloatVector.fromMemorySegment(F, x, column + 2 * STEP, ORDER), even);
        odd = d3.fma(FloatVector.fromMemorySegment(F, x, column + 3 * STEP, ORDER), odd);
        even = d4.fma(FloatVector.fromMemorySegment(F, x, column + 4 * STEP, ORDER), even);
        odd = d5.fma(FloatVector.fromMemorySegment(F, x, column + 5 * STEP, ORDER), odd);
        even = d6.fma(FloatVector.fromMemorySegment(F, x, column + 6 * STEP, ORDER), even);
        odd = d7.fma(FloatVector.fromMemorySegment(F, x, column + 7 * STEP, ORDER), odd);
        even.add(odd).intoMemorySegment(products, (long) (i - first) * STEP, ORDER);
      }
    }
  }
}
