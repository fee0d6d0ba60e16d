package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of products with a sparse weight on {@link TokenTile}s. A non-zero is one value times one column
 * of the tile, each of whose vectors is loaded for one multiply-add; what a row has stays in registers.
 *
 * <p>The loops run without checks. A slice of constant length, and columns cut to the bits of their number in a tile,
 * show the compiler that no column lies outside; that the memory is native and open it finds out once, before the loop,
 * where it also guesses which way branches go that the loop does not change. One wrong guess, and checks stay inside, at
 * three to five times the time: hence no flag here, not even whether sums begin at zero.
 */
final class SparseRows {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Vectors of a column of a tile: as many independent sums as keep two multiply-adds a cycle going. */
  static final int VECTORS = 8;

  /** Tokens of a tile. */
  static final int TOKENS = VECTORS * F.length();

  /** Bytes of a column of a tile. */
  static final int BYTES = VECTORS * STEP;

  /** Columns of a tile at most, a power of two. */
  static final int COLUMNS = 1024;

  /** Bytes of a whole tile, which {@code x} must have. */
  static final long TILE = (long) COLUMNS * BYTES;

  private static final int COLUMN = COLUMNS - 1;

  private SparseRows() {}

  /**
   * {@code y[row] += Σᵢ valueᵢ·x[columnᵢ]} over the non-zeros of each row.
   *
   * @param at index of the first visit of all, whose row is at least {@code firstRow}, the first of y
   */
  static void multiply(
      SparseBlocks blocks, int at, int visits, int firstRow, MemorySegment x, float[] values, MemorySegment y) {
    int[] order = blocks.order();
    int[] starts = blocks.starts();
    int[] ends = blocks.ends();
    char[] columns = blocks.places();
    MemorySegment tile = x.asSlice(0, TILE);
    for (int visit = at; visit < at + visits; visit++) {
      MemorySegment sums = y.asSlice((long) (order[visit] - firstRow) * BYTES, BYTES);
      FloatVector s0 = FloatVector.fromMemorySegment(F, sums, 0, ORDER);
      FloatVector s1 = FloatVector.fromMemorySegment(F, sums, STEP, ORDER);
      FloatVector s2 = FloatVector.fromMemorySegment(F, sums, 2 * STEP, ORDER);
      FloatVector s3 = FloatVector.fromMemorySegment(F, sums, 3 * STEP, ORDER);
      FloatVector s4 = FloatVector.fromMemorySegment(F, sums, 4 * STEP, ORDER);
      FloatVector s5 = FloatVector.fromMemorySegment(F, sums, 5 * STEP, ORDER);
      FloatVector s6 = FloatVector.fromMemorySegment(F, sums, 6 * STEP, ORDER);
      FloatVector s7 = FloatVector.fromMemorySegment(F, sums, 7 * STEP, ORDER);
      int end = ends[visit];
      for (int i = starts[visit]; i < end; i++) {
        long column = (long) (columns[i] & COLUMN) * BYTES;
        FloatVector value = FloatVector.broadcast(F, values[i]);
        s0 = value.fma(FloatVector.fromMemorySegment(F, tile, column, ORDER), s0);
        s1 = value.fma(FloatVector.fromMemorySegment(F, tile, column + STEP, ORDER), s1);
        s2 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 2 * STEP, ORDER), s2);
        s3 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 3 * STEP, ORDER), s3);
        s4 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 4 * STEP, ORDER), s4);
        s5 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 5 * STEP, ORDER), s5);
        s6 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 6 * STEP, ORDER), s6);
        s7 = value.fma(FloatVector.fromMemorySegment(F, tile, column + 7 * STEP, ORDER), s7);
      }
      s0.intoMemorySegment(sums, 0, ORDER);
      s1.intoMemorySegment(sums, STEP, ORDER);
      s2.intoMemorySegment(sums, 2 * STEP, ORDER);
      s3.intoMemorySegment(sums, 3 * STEP, ORDER);
      s4.intoMemorySegment(sums, 4 * STEP, ORDER);
      s5.intoMemorySegment(sums, 5 * STEP, ORDER);
      s6.intoMemorySegment(sums, 6 * STEP, ORDER);
      s7.intoMemorySegment(sums, 7 * STEP, ORDER);
    }
  }

  /**
   * {@code Σᵥ dy[row]ᵥ·x[columnᵢ]ᵥ} for the slots i of each row, v counting the vectors of a column. A group of four
   * shares a vector, the first at index 0: lane l has a part of the sum of slot {@code l mod 4}. {@link LaneSums} adds
   * up the parts.
   *
   * @param at index of the first visit of all, whose row is at least {@code firstRow}, the first of dy
   */
  static void products(
      SparseBlocks blocks, int at, int visits, int firstRow, MemorySegment x, MemorySegment dy,
      MemorySegment products) {
    int[] order = blocks.order();
    int[] starts = blocks.starts();
    char[] columns = blocks.places();
    MemorySegment tile = x.asSlice(0, TILE);
    int first = starts[at];
    for (int visit = at; visit < at + visits; visit++) {
      MemorySegment gradient = dy.asSlice((long) (order[visit] - firstRow) * BYTES, BYTES);
      FloatVector d0 = FloatVector.fromMemorySegment(F, gradient, 0, ORDER);
      FloatVector d1 = FloatVector.fromMemorySegment(F, gradient, STEP, ORDER);
      FloatVector d2 = FloatVector.fromMemorySegment(F, gradient, 2 * STEP, ORDER);
      FloatVector d3 = FloatVector.fromMemorySegment(F, gradient, 3 * STEP, ORDER);
      FloatVector d4 = FloatVector.fromMemorySegment(F, gradient, 4 * STEP, ORDER);
      FloatVector d5 = FloatVector.fromMemorySegment(F, gradient, 5 * STEP, ORDER);
      FloatVector d6 = FloatVector.fromMemorySegment(F, gradient, 6 * STEP, ORDER);
      FloatVector d7 = FloatVector.fromMemorySegment(F, gradient, 7 * STEP, ORDER);
      int end = starts[visit + 1];
      for (int i = starts[visit]; i < end; i += SparseBlocks.GROUP) {
        long column0 = (long) (columns[i] & COLUMN) * BYTES;
        long column1 = (long) (columns[i + 1] & COLUMN) * BYTES;
        long column2 = (long) (columns[i + 2] & COLUMN) * BYTES;
        long column3 = (long) (columns[i + 3] & COLUMN) * BYTES;
        FloatVector a = d0.mul(FloatVector.fromMemorySegment(F, tile, column0, ORDER));
        FloatVector b = d0.mul(FloatVector.fromMemorySegment(F, tile, column1, ORDER));
        FloatVector c = d0.mul(FloatVector.fromMemorySegment(F, tile, column2, ORDER));
        FloatVector d = d0.mul(FloatVector.fromMemorySegment(F, tile, column3, ORDER));
        a = d1.fma(FloatVector.fromMemorySegment(F, tile, column0 + STEP, ORDER), a);
        b = d1.fma(FloatVector.fromMemorySegment(F, tile, column1 + STEP, ORDER), b);
        c = d1.fma(FloatVector.fromMemorySegment(F, tile, column2 + STEP, ORDER), c);
        d = d1.fma(FloatVector.fromMemorySegment(F, tile, column3 + STEP, ORDER), d);
        a = d2.fma(FloatVector.fromMemorySegment(F, tile, column0 + 2 * STEP, ORDER), a);
        b = d2.fma(FloatVector.fromMemorySegment(F, tile, column1 + 2 * STEP, ORDER), b);
        c = d2.fma(FloatVector.fromMemorySegment(F, tile, column2 + 2 * STEP, ORDER), c);
        d = d2.fma(FloatVector.fromMemorySegment(F, tile, column3 + 2 * STEP, ORDER), d);
        a = d3.fma(FloatVector.fromMemorySegment(F, tile, column0 + 3 * STEP, ORDER), a);
        b = d3.fma(FloatVector.fromMemorySegment(F, tile, column1 + 3 * STEP, ORDER), b);
        c = d3.fma(FloatVector.fromMemorySegment(F, tile, column2 + 3 * STEP, ORDER), c);
        d = d3.fma(FloatVector.fromMemorySegment(F, tile, column3 + 3 * STEP, ORDER), d);
        a = d4.fma(FloatVector.fromMemorySegment(F, tile, column0 + 4 * STEP, ORDER), a);
        b = d4.fma(FloatVector.fromMemorySegment(F, tile, column1 + 4 * STEP, ORDER), b);
        c = d4.fma(FloatVector.fromMemorySegment(F, tile, column2 + 4 * STEP, ORDER), c);
        d = d4.fma(FloatVector.fromMemorySegment(F, tile, column3 + 4 * STEP, ORDER), d);
        a = d5.fma(FloatVector.fromMemorySegment(F, tile, column0 + 5 * STEP, ORDER), a);
        b = d5.fma(FloatVector.fromMemorySegment(F, tile, column1 + 5 * STEP, ORDER), b);
        c = d5.fma(FloatVector.fromMemorySegment(F, tile, column2 + 5 * STEP, ORDER), c);
        d = d5.fma(FloatVector.fromMemorySegment(F, tile, column3 + 5 * STEP, ORDER), d);
        a = d6.fma(FloatVector.fromMemorySegment(F, tile, column0 + 6 * STEP, ORDER), a);
        b = d6.fma(FloatVector.fromMemorySegment(F, tile, column1 + 6 * STEP, ORDER), b);
        c = d6.fma(FloatVector.fromMemorySegment(F, tile, column2 + 6 * STEP, ORDER), c);
        d = d6.fma(FloatVector.fromMemorySegment(F, tile, column3 + 6 * STEP, ORDER), d);
        a = d7.fma(FloatVector.fromMemorySegment(F, tile, column0 + 7 * STEP, ORDER), a);
        b = d7.fma(FloatVector.fromMemorySegment(F, tile, column1 + 7 * STEP, ORDER), b);
        c = d7.fma(FloatVector.fromMemorySegment(F, tile, column2 + 7 * STEP, ORDER), c);
        d = d7.fma(FloatVector.fromMemorySegment(F, tile, column3 + 7 * STEP, ORDER), d);
        FloatVector ab = a.blend(b, LaneSums.ODD_1).add(b.blend(a, LaneSums.ODD_1).rearrange(LaneSums.SWAP_1));
        FloatVector cd = c.blend(d, LaneSums.ODD_1).add(d.blend(c, LaneSums.ODD_1).rearrange(LaneSums.SWAP_1));
        ab.blend(cd, LaneSums.ODD_2).add(cd.blend(ab, LaneSums.ODD_2).rearrange(LaneSums.SWAP_2))
            .intoMemorySegment(products, (long) (i - first) / SparseBlocks.GROUP * STEP, ORDER);
      }
    }
  }
}
