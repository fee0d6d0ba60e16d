package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The non-zeros of a weight, or of its transpose, in the order in which products visit them: blocks of columns, in a
 * block row after row, in a row by rising columns. A {@link TokenTile} of one block's columns stays in a cache while
 * all rows use it. In each {@linkplain #WINDOW window} of a block, rows follow each other by their numbers of
 * non-zeros: the end of a loop that runs as often as the one before is foreseen by the processor.
 *
 * <p>Non-zeros lie in slots. A visit has a whole number of {@linkplain #GROUP groups} of them, the last of which may be
 * empty.
 *
 * @param rows rows of the weight, or of its transpose
 * @param columns columns of the same
 * @param width columns of a block; the last block may have fewer
 * @param order {@code [blocks·rows]}, the row of each visit
 * @param starts {@code [blocks·rows + 1]}, first slot of each visit, a multiple of {@link #GROUP}
 * @param ends {@code [blocks·rows]}, the slot behind a visit's last non-zero
 * @param places for each slot, the column of its non-zero, counted in its {@link TokenTile}; 0 if empty
 * @param numbers for each slot, the number of its non-zero among the weight's values; −1 if empty
 */
record SparseBlocks(
    int rows, int columns, int width, int[] order, int[] starts, int[] ends, char[] places, int[] numbers) {
  /** Non-zeros of a row that are visited together where their sums over lanes are taken. */
  static final int GROUP = 4;

  /** Rows whose order of visits is free; tasks are of whole windows. */
  static final int WINDOW = 256;

  /** The blocks of a weight, or of its transpose. */
  static SparseBlocks of(SparsePattern pattern, boolean transpose, int width) {
    int[] begins = indices(transpose ? pattern.columnOffsets() : pattern.rowOffsets());
    int[] columnOf = indices(transpose ? pattern.rowIndices() : pattern.columnIndices());
    int[] numberOf = transpose ? indices(pattern.positions()) : null;
    int rows = begins.length - 1;
    int columns = Math.toIntExact(transpose ? pattern.rows() : pattern.columns());
    int visits = Math.multiplyExact(Math.ceilDiv(columns, width), rows);

    int[] counts = new int[visits];
    for (int row = 0; row < rows; row++) {
      for (int i = begins[row]; i < begins[row + 1]; i++) {
        counts[columnOf[i] / width * rows + row]++;
      }
    }
    int[] order = order(counts, rows);
    int[] starts = new int[visits + 1];
    int[] ends = new int[visits];
    int[] next = new int[visits];
    for (int visit = 0; visit < visits; visit++) {
      int at = visit / rows * rows + order[visit];
      next[at] = starts[visit];
      ends[visit] = starts[visit] + counts[at];
      starts[visit + 1] = Math.addExact(starts[visit], Math.ceilDiv(counts[at], GROUP) * GROUP);
    }
    char[] places = new char[starts[visits]];
    int[] numbers = new int[starts[visits]];
    Arrays.fill(numbers, -1);
    for (int row = 0; row < rows; row++) {
      for (int i = begins[row]; i < begins[row + 1]; i++) {
        int to = next[columnOf[i] / width * rows + row]++;
        places[to] = (char) (columnOf[i] % SparseRows.COLUMNS);
        numbers[to] = numberOf == null ? i : numberOf[i];
      }
    }
    return new SparseBlocks(rows, columns, width, order, starts, ends, places, numbers);
  }

  private static int[] indices(View view) {
    return HostBuffer.segmentOf(view).asSlice(view.byteOffset(), view.bytes()).toArray(ValueLayout.JAVA_INT);
  }

  /** The rows of each window of each block by rising counts, those of equal counts by their own order. */
  private static int[] order(int[] counts, int rows) {
    int[] order = new int[counts.length];
    long[] keys = new long[Math.min(WINDOW, rows)];
    for (int block = 0; block < counts.length; block += Math.max(1, rows)) {
      for (int first = 0; first < rows; first += WINDOW) {
        int length = Math.min(WINDOW, rows - first);
        for (int i = 0; i < length; i++) {
          keys[i] = ((long) counts[block + first + i] << Integer.SIZE) + first + i;
        }
        Arrays.sort(keys, 0, length);
        for (int i = 0; i < length; i++) {
          order[block + first + i] = (int) keys[i];
        }
      }
    }
    return order;
  }

  int blocks() {
    return Math.ceilDiv(columns, width);
  }

  int slots() {
    return places.length;
  }

  /** A visit's first slot in a block; that of the visit after the last is the end. */
  int start(int block, int visit) {
    return starts[block * rows + visit];
  }

  /**
   * Cuts the rows between windows into groups of about equal work: first row of each, then the number of rows. Work is
   * a slot, and half a dozen for the visit of a row.
   */
  int[] cut(int groups) {
    long total = work(0, rows);
    int[] cuts = new int[Math.ceilDiv(rows, WINDOW) + 1];
    int count = 1;
    long work = 0;
    for (int row = 0; row < rows; row += WINDOW) {
      if (row > cuts[count - 1] && work * groups >= total * count) {
        cuts[count++] = row;
      }
      work += work(row, Math.min(rows, row + WINDOW));
    }
    cuts[count] = rows;
    return Arrays.copyOf(cuts, count + 1);
  }

  private long work(int from, int to) {
    long work = (to - from) * 6L * blocks();
    for (int block = 0; block < blocks(); block++) {
      work += start(block, to) - start(block, from);
    }
    return work;
  }
}
