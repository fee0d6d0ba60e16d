package dev.pantograph.backends.vector;

/**
 * Small matrix products {@code C (+)= A·B} on arrays with rows of {@link CausalBlock#SIZE}, columns in the lanes: the
 * inside of blockwise attention. A tile of C of {@link #ROWS} rows and {@link #COLUMNS} columns stays in registers while
 * its products are summed in the order of the common dimension.
 */
final class TileProduct {
  /** 512-bit vectors come with 32 registers. */
  private static final boolean TALL = Lanes.FLOATS.vectorBitSize() == 512;

  /** Rows of a tile; at most the lanes. */
  static final int ROWS = TALL ? 8 : 4;

  /** Columns of a tile: two vectors. The rows and columns of every block are padded to a multiple of it. */
  static final int COLUMNS = 2 * Lanes.FLOATS.length();

  private TileProduct() {}

  /** A number of rows or columns filled up to whole tiles. */
  static int padded(int elements) {
    return Math.ceilDiv(elements, COLUMNS) * COLUMNS;
  }

  /** The product with {@code A[i, k] = a[a0 + i·SIZE + k]}. Rows are a multiple of ROWS, columns of COLUMNS. */
  static void rows(
      float[] a, int a0, float[] b, int b0, float[] c, int c0, int rows, int columns, int depth, boolean add) {
    for (int j = 0; j < columns; j += COLUMNS) {
      for (int i = 0; i < rows; i += ROWS) {
        int row = i * CausalBlock.SIZE;
        if (TALL) {
          BlockTile8x2.rows(a, a0 + row, b, b0 + j, c, c0 + row + j, depth, add);
        } else {
          BlockTile4x2.rows(a, a0 + row, b, b0 + j, c, c0 + row + j, depth, add);
        }
      }
    }
  }

  /** The product with {@code A[i, k] = a[a0 + k·SIZE + i]}. */
  static void columns(
      float[] a, int a0, float[] b, int b0, float[] c, int c0, int rows, int columns, int depth, boolean add) {
    for (int j = 0; j < columns; j += COLUMNS) {
      for (int i = 0; i < rows; i += ROWS) {
        int row = i * CausalBlock.SIZE;
        if (TALL) {
          BlockTile8x2.columns(a, a0 + i, b, b0 + j, c, c0 + row + j, depth, add);
        } else {
          BlockTile4x2.columns(a, a0 + i, b, b0 + j, c, c0 + row + j, depth, add);
        }
      }
    }
  }
}
