package dev.pantograph.backends.vector;

/** The right matrix in {@linkplain PanelPacking panels} of {@link #WIDTH} columns. */
final class RightPanels {
  /** Columns of a panel: two vectors. */
  static final int WIDTH = 2 * Lanes.FLOATS.length();

  private RightPanels() {}

  /** Packs columns of one matrix over one block of depth, panel after panel. */
  static void pack(
      Matrices b, long matrix, int column, int columns, int firstDepth, int depth,
      float[] to, int offset, float[] squares) {
    long start = b.position(matrix, firstDepth, column);
    int panelStride = depth * WIDTH;
    if (b.byRows()) {
      PanelPacking.copy(b.memory(), start, b.rowStride(), depth, columns, columns, WIDTH, to, offset, panelStride);
    } else {
      PanelPacking.transpose(
          b.memory(), start, b.columnStride(), depth, columns, WIDTH, to, offset, panelStride, squares);
    }
  }
}
