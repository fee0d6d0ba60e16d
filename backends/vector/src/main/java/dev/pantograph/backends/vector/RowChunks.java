package dev.pantograph.backends.vector;

/**
 * How rows of equal width are cut into tasks: about as many elements each as a {@linkplain Chunks#size chunk} has, at
 * least one row, or more where asked for. The cut depends on the shape alone.
 */
record RowChunks(long rows, int rowsPerTask) {
  static RowChunks of(long rows, long width) {
    return of(rows, width, 1);
  }

  /** With at least so many rows a task. */
  static RowChunks of(long rows, long width, int least) {
    return new RowChunks(rows, (int) Math.max(least, Chunks.size(rows * width) / Math.max(width, 1)));
  }

  int tasks() {
    return Math.toIntExact((rows + rowsPerTask - 1) / rowsPerTask);
  }

  long firstRow(int task) {
    return (long) task * rowsPerTask;
  }

  /** Number of rows of a task; the last may have fewer. */
  int rowsOf(int task) {
    return (int) Math.min(rowsPerTask, rows - firstRow(task));
  }
}
