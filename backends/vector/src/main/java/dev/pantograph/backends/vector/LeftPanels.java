package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A left matrix whose columns lie in rows, in {@linkplain PanelPacking panels} of {@link #ROWS} rows. Rows that do not
 * exist are left as they were; sums computed from them are never stored.
 *
 * <p>Packed once by all workers for all columns of the result: its steps lie far apart in memory, so a worker that
 * packed the few rows it needs would read short runs, and once more for each other part of the columns.
 */
final class LeftPanels {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();

  /** Rows of a panel: those of the register tile. 512-bit vectors come with 32 registers, others may have 16. */
  static final int ROWS = FLOATS.vectorBitSize() == 512 ? 12 : 6;

  /** Floats of one step's row sums. */
  static final int SUMS = Math.ceilDiv(ROWS, LANES) * LANES;

  private LeftPanels() {}

  /** Distance of panels of some depth. */
  static int panelFloats(int depth) {
    return depth * ROWS + PanelPacking.SPILL;
  }

  /**
   * Packs rows of one matrix over one block of depth, panel after panel.
   *
   * @param existing rows of the matrix from the first on
   */
  static void pack(
      Matrices a, long matrix, int row, int rows, int existing, int firstDepth, int depth, float[] to, int offset) {
    PanelPacking.copy(a.memory(), a.position(matrix, row, firstDepth), a.columnStride(), depth, rows, existing, ROWS,
        to, offset, panelFloats(depth));
  }

  /**
   * Writes to a tile of sums the product of a panel, of which {@code rows} rows exist, and a panel of the right matrix.
   * A tile has {@link RightPanels#WIDTH} floats a row.
   */
  static void multiply(
      float[] left, int panel, int rows, float[] right, int offset, int depth, float[] sums, int at) {
    if (ROWS == 6 || rows <= 6) {
      Tile6x2.steps(left, panel, right, offset, depth, sums, at);
    } else {
      Tile12x2.steps(left, panel, right, offset, depth, sums, at);
    }
  }

  /**
   * Sums a panel's rows over its depth, in four chains of every fourth step.
   *
   * @param sums written, {@link #SUMS} floats
   */
  static void sum(float[] left, int panel, int depth, float[] sums) {
    for (int j = 0; j < SUMS; j += LANES) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      int k = 0;
      for (; k + 3 < depth; k += 4) {
        int step = panel + k * ROWS + j;
        s0 = s0.add(FloatVector.fromArray(FLOATS, left, step));
        s1 = s1.add(FloatVector.fromArray(FLOATS, left, step + ROWS));
        s2 = s2.add(FloatVector.fromArray(FLOATS, left, step + 2 * ROWS));
        s3 = s3.add(FloatVector.fromArray(FLOATS, left, step + 3 * ROWS));
      }
      for (; k < depth; k++) {
        s0 = s0.add(FloatVector.fromArray(FLOATS, left, panel + k * ROWS + j));
      }
      s0.add(s1).add(s2.add(s3)).intoArray(sums, j);
    }
  }
}
