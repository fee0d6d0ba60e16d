package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of the matrix product where there are 16 vector registers:
 * {@code tile[i, j] = Σₖ left[i, k]·right[k, j]} for 6 rows and two vectors of columns. On wider machines it computes
 * the last rows of a matrix when they fill at most half of a {@link Tile12x2}. Each sum is the same chain of fused
 * multiply-adds in the order of k as there.
 */
final class Tile6x2 {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int WIDTH = RightPanels.WIDTH;
  private static final int ROW = LeftPanel.ROW_STRIDE;
  private static final int STEP = LeftPanel.ROWS;

  private Tile6x2() {}

  /** The tile for a left panel laid out by {@link LeftPanel#packRows}. */
  static void rows(float[] left, float[] right, int offset, int depth, float[] tile) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, right, offset + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(FLOATS, right, offset + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, left[k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, left[k + ROW]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, left[k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, left[k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, left[k + 4 * ROW]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, left[k + 5 * ROW]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, WIDTH);
    c11.intoArray(tile, WIDTH + LANES);
    c20.intoArray(tile, 2 * WIDTH);
    c21.intoArray(tile, 2 * WIDTH + LANES);
    c30.intoArray(tile, 3 * WIDTH);
    c31.intoArray(tile, 3 * WIDTH + LANES);
    c40.intoArray(tile, 4 * WIDTH);
    c41.intoArray(tile, 4 * WIDTH + LANES);
    c50.intoArray(tile, 5 * WIDTH);
    c51.intoArray(tile, 5 * WIDTH + LANES);
  }

  /** The tile for a left panel laid out by {@link LeftPanel#packColumns}. */
  static void columns(float[] left, float[] right, int offset, int depth, float[] tile) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, right, offset + k * WIDTH);
      FloatVector b1 = FloatVector.fromArray(FLOATS, right, offset + k * WIDTH + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, left[k * STEP]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, left[k * STEP + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, left[k * STEP + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, left[k * STEP + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, left[k * STEP + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, left[k * STEP + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, WIDTH);
    c11.intoArray(tile, WIDTH + LANES);
    c20.intoArray(tile, 2 * WIDTH);
    c21.intoArray(tile, 2 * WIDTH + LANES);
    c30.intoArray(tile, 3 * WIDTH);
    c31.intoArray(tile, 3 * WIDTH + LANES);
    c40.intoArray(tile, 4 * WIDTH);
    c41.intoArray(tile, 4 * WIDTH + LANES);
    c50.intoArray(tile, 5 * WIDTH);
    c51.intoArray(tile, 5 * WIDTH + LANES);
  }
}
