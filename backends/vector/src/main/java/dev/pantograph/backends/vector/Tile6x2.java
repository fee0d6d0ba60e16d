package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of the matrix product where there are 16 vector registers: {@link Tile12x2} for 6 rows. On wider
 * machines it computes the last rows of a matrix when they fill at most half of a larger tile, with the same chain of
 * fused multiply-adds in the order of k.
 */
final class Tile6x2 {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int WIDTH = RightPanels.WIDTH;
  private static final int STEP = LeftPanels.ROWS;
  private static final int ROW = LeftRows.STRIDE;

  private Tile6x2() {}

  /** Where the elements of one row of the left matrix lie next to each other. */
  static void rows(float[] left, int panel, float[] right, int offset, int depth, float[] sums, int at) {
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
      FloatVector a0 = FloatVector.broadcast(FLOATS, left[panel + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, left[panel + k + ROW]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, left[panel + k + 2 * ROW]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, left[panel + k + 3 * ROW]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, left[panel + k + 4 * ROW]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, left[panel + k + 5 * ROW]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(sums, at);
    c01.intoArray(sums, at + LANES);
    c10.intoArray(sums, at + WIDTH);
    c11.intoArray(sums, at + WIDTH + LANES);
    c20.intoArray(sums, at + 2 * WIDTH);
    c21.intoArray(sums, at + 2 * WIDTH + LANES);
    c30.intoArray(sums, at + 3 * WIDTH);
    c31.intoArray(sums, at + 3 * WIDTH + LANES);
    c40.intoArray(sums, at + 4 * WIDTH);
    c41.intoArray(sums, at + 4 * WIDTH + LANES);
    c50.intoArray(sums, at + 5 * WIDTH);
    c51.intoArray(sums, at + 5 * WIDTH + LANES);
  }

  /** Where those of one step of depth do. */
  static void steps(float[] left, int panel, float[] right, int offset, int depth, float[] sums, int at) {
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
      FloatVector a0 = FloatVector.broadcast(FLOATS, left[panel + k * STEP]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(sums, at);
    c01.intoArray(sums, at + LANES);
    c10.intoArray(sums, at + WIDTH);
    c11.intoArray(sums, at + WIDTH + LANES);
    c20.intoArray(sums, at + 2 * WIDTH);
    c21.intoArray(sums, at + 2 * WIDTH + LANES);
    c30.intoArray(sums, at + 3 * WIDTH);
    c31.intoArray(sums, at + 3 * WIDTH + LANES);
    c40.intoArray(sums, at + 4 * WIDTH);
    c41.intoArray(sums, at + 4 * WIDTH + LANES);
    c50.intoArray(sums, at + 5 * WIDTH);
    c51.intoArray(sums, at + 5 * WIDTH + LANES);
  }
}
