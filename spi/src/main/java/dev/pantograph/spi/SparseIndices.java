package dev.pantograph.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The indices of a {@link SparsePattern} on the host, where they are made and checked. Immutable. Rows and columns may
 * be empty here; whether a layer can be trained with an empty row is the caller's question.
 */
public final class SparseIndices {
  private final int rows;
  private final int columns;
  private final int[] rowOffsets;
  private final int[] columnIndices;

  /** Which weights there are. */
  @FunctionalInterface
  public interface Mask {
    /** Whether there is a weight. */
    boolean at(int row, int column);
  }

  /** Puts indices into a backend's memory. */
  @FunctionalInterface
  public interface Placement {
    /** A contiguous view of these indices. */
    View place(String name, int[] indices);
  }

  private SparseIndices(int rows, int columns, int[] rowOffsets, int[] columnIndices) {
    this.rows = rows;
    this.columns = columns;
    this.rowOffsets = rowOffsets;
    this.columnIndices = columnIndices;
  }

  /**
   * Compressed sparse rows.
   *
   * @param rowOffsets {@code [rows + 1]}, from 0 to the number of non-zeros, never falling
   * @param columnIndices column of each non-zero, rising within each row
   * @throws IllegalArgumentException if an offset falls, or a column is outside or not above the one before it; names
   *     the row
   */
  public static SparseIndices of(int rows, int columns, int[] rowOffsets, int[] columnIndices) {
    require(rows >= 0 && columns >= 0, "sparse weight [%d, %d]: sizes must not be negative", rows, columns);
    require(rowOffsets.length - 1 == rows, "sparse weight [%d, %d]: %d row offsets, needed %d", rows, columns,
        rowOffsets.length, rows + 1L);
    require(rowOffsets[0] == 0 && rowOffsets[rows] == columnIndices.length,
        "sparse weight [%d, %d]: row offsets from %d to %d, needed from 0 to the %d column indices", rows, columns,
        rowOffsets[0], rowOffsets[rows], columnIndices.length);
    for (int row = 0; row < rows; row++) {
      require(rowOffsets[row] <= rowOffsets[row + 1] && rowOffsets[row + 1] <= columnIndices.length,
          "sparse weight [%d, %d]: row %d from %d to %d, needed offsets that never fall", rows, columns, row,
          rowOffsets[row], rowOffsets[row + 1]);
      int before = -1;
      for (int i = rowOffsets[row]; i < rowOffsets[row + 1]; i++) {
        int column = columnIndices[i];
        require(column >= 0 && column < columns, "sparse weight [%d, %d]: column %d in row %d, needed [0, %d)", rows,
            columns, column, row, columns);
        require(column > before, "sparse weight [%d, %d]: column %d follows %d in row %d, needed rising columns, each "
            + "once; sort them", rows, columns, column, before, row);
        before = column;
      }
    }
    return new SparseIndices(rows, columns, rowOffsets.clone(), columnIndices.clone());
  }

  /**
   * The weights a mask names.
   *
   * @throws IllegalArgumentException if there are more than 2³¹−1
   */
  public static SparseIndices of(int rows, int columns, Mask mask) {
    require(rows >= 0 && columns >= 0, "sparse weight [%d, %d]: sizes must not be negative", rows, columns);
    int[] offsets = new int[rows + 1];
    long count = 0;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        count += mask.at(row, column) ? 1 : 0;
      }
      require(count <= Integer.MAX_VALUE, "sparse weight [%d, %d]: more than %d non-zeros, which 32-bit indices cannot "
          + "count; split the weight", rows, columns, Integer.MAX_VALUE);
      offsets[row + 1] = (int) count;
    }
    int[] indices = new int[(int) count];
    for (int row = 0, i = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        if (mask.at(row, column)) {
          indices[i++] = column;
        }
      }
    }
    return new SparseIndices(rows, columns, offsets, indices);
  }

  private static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** Number of weights there are. */
  public int nonZeros() {
    return columnIndices.length;
  }

  /** Number of the first non-zero of a row; that of row {@code rows} is the number of all. */
  public int rowOffset(int row) {
    return rowOffsets[row];
  }

  /** Column of the non-zero of this number. */
  public int column(int number) {
    return columnIndices[number];
  }

  /** Bytes of a backend's memory that {@link #upload} fills. */
  public long byteSize() {
    return aligned(rows + 1L) + aligned(columns + 1L) + 3 * aligned(nonZeros());
  }

  private static long aligned(long indices) {
    return Math.ceilDiv(indices * Integer.BYTES, HostBuffer.ALIGNMENT) * HostBuffer.ALIGNMENT;
  }

  /**
   * Copies the indices, with those of the traversal by columns, to a backend.
   *
   * @param buffer of that backend; as it owns the memory, it must live as long as the pattern is used
   * @param byteOffset where they begin in the buffer, a multiple of {@link HostBuffer#ALIGNMENT}
   * @throws IllegalArgumentException if the offset is none, or {@link #byteSize()} bytes do not fit
   */
  public SparsePattern upload(Backend backend, Buffer buffer, long byteOffset) {
    require(byteOffset >= 0 && byteOffset % HostBuffer.ALIGNMENT == 0
            && byteSize() <= buffer.byteSize() - byteOffset,
        "buffer '%s' of %d bytes cannot hold the %d bytes of a pattern from byte %d on, a multiple of %d",
        buffer.name(), buffer.byteSize(), byteSize(), byteOffset, HostBuffer.ALIGNMENT);
    return place(new Cursor(backend, buffer, byteOffset));
  }

  /** A pattern whose indices, and those of the traversal by columns, the caller puts into memory one by one. */
  public SparsePattern place(Placement placement) {
    int[] columnOffsets = new int[columns + 1];
    for (int column : columnIndices) {
      columnOffsets[column + 1]++;
    }
    Arrays.parallelPrefix(columnOffsets, Integer::sum);
    int[] next = columnOffsets.clone();
    int[] rowIndices = new int[nonZeros()];
    int[] positions = new int[nonZeros()];
    for (int row = 0; row < rows; row++) {
      for (int i = rowOffsets[row]; i < rowOffsets[row + 1]; i++) {
        int place = next[columnIndices[i]]++;
        rowIndices[place] = row;
        positions[place] = i;
      }
    }
    return new SparsePattern(placement.place("rowOffsets", rowOffsets.clone()),
        placement.place("columnIndices", columnIndices.clone()), placement.place("columnOffsets", columnOffsets),
        placement.place("rowIndices", rowIndices), placement.place("positions", positions));
  }

  /** Puts index after index into a buffer. */
  private static final class Cursor implements Placement {
    private final Backend backend;
    private final Buffer buffer;
    private long at;

    Cursor(Backend backend, Buffer buffer, long at) {
      this.backend = backend;
      this.buffer = buffer;
      this.at = at;
    }

    @Override
    public View place(String name, int[] indices) {
      try (Arena arena = Arena.ofConfined()) {
        backend.upload(arena.allocateFrom(ValueLayout.JAVA_INT, indices), buffer, at);
      }
      View view = View.of(buffer, DType.I32, at / Integer.BYTES, Shape.of(indices.length));
      at += aligned(indices.length);
      return view;
    }
  }

  @Override
  public String toString() {
    return "sparse weight [%d, %d] of %d non-zeros".formatted(rows, columns, nonZeros());
  }
}
