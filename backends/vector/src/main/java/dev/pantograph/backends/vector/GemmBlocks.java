package dev.pantograph.backends.vector;

/**
 * How a product is cut into blocks for a {@link Gemm}, as a function of its shape alone. A library packs its factors anew
 * in each call, the more often the smaller the blocks are; fewer blocks leave threads idle.
 *
 * @param rows M
 * @param columns N
 * @param blockRows rows of a block; the last may have fewer
 * @param blockColumns columns of a block; the last may have fewer
 */
record GemmBlocks(int rows, int columns, int blockRows, int blockColumns) {
  /** Most multiply-adds of a block: about a millisecond of work. */
  private static final long WORK = 1 << 28;

  /** Most elements of a block. */
  private static final long MAX_ELEMENTS = 1 << 19;

  /** Fewest elements of a block, where there are more: below, packing would take longer than multiplying. */
  private static final long MIN_ELEMENTS = 192 * 192;

  /** Blocks wanted of any product that is large enough. */
  private static final int WANTED = 4;

  /** What rows and columns of a block are multiples of: whole register tiles of common libraries. */
  private static final int UNIT = 64;

  static GemmBlocks of(int rows, int columns, int depth) {
    long elements = Math.clamp(
        Math.min(WORK / depth, (long) rows * columns / WANTED), MIN_ELEMENTS, MAX_ELEMENTS);
    long edge = (long) Math.sqrt(elements);
    int blockColumns = evenly(columns, elements / Math.min(rows, edge));
    int blockRows = evenly(rows, elements / Math.min(columns, blockColumns));
    return new GemmBlocks(rows, columns, blockRows, blockColumns);
  }

  /**
   * The size of the parts when {@code count} is cut into equal parts of about {@code most}, in units. Their number is a
   * power of two: of five blocks two threads have three rounds to do, of four two.
   */
  private static int evenly(int count, long most) {
    int parts = 1;
    // As long as another halving brings the parts nearer to what is wanted, as a factor.
    while ((double) count * count > 2.0 * most * most * parts * parts) {
      parts *= 2;
    }
    return Math.ceilDiv(Math.ceilDiv(count, parts), UNIT) * UNIT;
  }

  int count() {
    return Math.ceilDiv(rows, blockRows) * across();
  }

  private int across() {
    return Math.ceilDiv(columns, blockColumns);
  }

  int firstRow(int block) {
    return block / across() * blockRows;
  }

  int rowsOf(int block) {
    return Math.min(blockRows, rows - firstRow(block));
  }

  int firstColumn(int block) {
    return block % across() * blockColumns;
  }

  int columnsOf(int block) {
    return Math.min(blockColumns, columns - firstColumn(block));
  }
}
