package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of the matrix product where there are 32 vector registers:
 * {@code after[i, j] = before[i, j] + Σₖ left[k, i]·right[k, j]} for 12 rows and two vectors of columns. The 24 sums
 * stay in registers for the whole depth; each step loads two vectors and twelve scalars for 24 multiply-adds, so the
 * arithmetic, not the loads, sets the pace.
 *
 * <p>Each sum is one chain of fused multiply-adds in the order of k. All strides are constants, which lets the compiler
 * move every bounds check out of the loop. The sums have names because an array of vectors would be an array of
 * objects, and the tiles of other sizes are classes of their own because the compiler keeps nothing in registers that
 * is chosen at run time.
 */
final class Tile12x2 {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int WIDTH = RightPanels.WIDTH;
  private static final int STEP = LeftPanels.ROWS;
  private static final int ROW = LeftPanels.ROW_STRIDE;

  private Tile12x2() {}

  /** Where the elements of one row of the left matrix lie next to each other. */
  static void rows(
      float[] left, int panel, float[] right, int offset, int depth, float[] before, int from, float[] after, int to) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, before, from);
    FloatVector c01 = FloatVector.fromArray(FLOATS, before, from + LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, before, from + WIDTH);
    FloatVector c11 = FloatVector.fromArray(FLOATS, before, from + WIDTH + LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, before, from + 2 * WIDTH);
    FloatVector c21 = FloatVector.fromArray(FLOATS, before, from + 2 * WIDTH + LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, before, from + 3 * WIDTH);
    FloatVector c31 = FloatVector.fromArray(FLOATS, before, from + 3 * WIDTH + LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, before, from + 4 * WIDTH);
    FloatVector c41 = FloatVector.fromArray(FLOATS, before, from + 4 * WIDTH + LANES);
    FloatVector c50 = FloatVector.fromArray(FLOATS, before, from + 5 * WIDTH);
    FloatVector c51 = FloatVector.fromArray(FLOATS, before, from + 5 * WIDTH + LANES);
    FloatVector c60 = FloatVector.fromArray(FLOATS, before, from + 6 * WIDTH);
    FloatVector c61 = FloatVector.fromArray(FLOATS, before, from + 6 * WIDTH + LANES);
    FloatVector c70 = FloatVector.fromArray(FLOATS, before, from + 7 * WIDTH);
    FloatVector c71 = FloatVector.fromArray(FLOATS, before, from + 7 * WIDTH + LANES);
    FloatVector c80 = FloatVector.fromArray(FLOATS, before, from + 8 * WIDTH);
    FloatVector c81 = FloatVector.fromArray(FLOATS, before, from + 8 * WIDTH + LANES);
    FloatVector c90 = FloatVector.fromArray(FLOATS, before, from + 9 * WIDTH);
    FloatVector c91 = FloatVector.fromArray(FLOATS, before, from + 9 * WIDTH + LANES);
    FloatVector cA0 = FloatVector.fromArray(FLOATS, before, from + 10 * WIDTH);
    FloatVector cA1 = FloatVector.fromArray(FLOATS, before, from + 10 * WIDTH + LANES);
    FloatVector cB0 = FloatVector.fromArray(FLOATS, before, from + 11 * WIDTH);
    FloatVector cB1 = FloatVector.fromArray(FLOATS, before, from + 11 * WIDTH + LANES);
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
      FloatVector a6 = FloatVector.broadcast(FLOATS, left[panel + k + 6 * ROW]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, left[panel + k + 7 * ROW]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      FloatVector a8 = FloatVector.broadcast(FLOATS, left[panel + k + 8 * ROW]);
      c80 = a8.fma(b0, c80);
      c81 = a8.fma(b1, c81);
      FloatVector a9 = FloatVector.broadcast(FLOATS, left[panel + k + 9 * ROW]);
      c90 = a9.fma(b0, c90);
      c91 = a9.fma(b1, c91);
      FloatVector aA = FloatVector.broadcast(FLOATS, left[panel + k + 10 * ROW]);
      cA0 = aA.fma(b0, cA0);
      cA1 = aA.fma(b1, cA1);
      FloatVector aB = FloatVector.broadcast(FLOATS, left[panel + k + 11 * ROW]);
      cB0 = aB.fma(b0, cB0);
      cB1 = aB.fma(b1, cB1);
    }
    c00.intoArray(after, to);
    c01.intoArray(after, to + LANES);
    c10.intoArray(after, to + WIDTH);
    c11.intoArray(after, to + WIDTH + LANES);
    c20.intoArray(after, to + 2 * WIDTH);
    c21.intoArray(after, to + 2 * WIDTH + LANES);
    c30.intoArray(after, to + 3 * WIDTH);
    c31.intoArray(after, to + 3 * WIDTH + LANES);
    c40.intoArray(after, to + 4 * WIDTH);
    c41.intoArray(after, to + 4 * WIDTH + LANES);
    c50.intoArray(after, to + 5 * WIDTH);
    c51.intoArray(after, to + 5 * WIDTH + LANES);
    c60.intoArray(after, to + 6 * WIDTH);
    c61.intoArray(after, to + 6 * WIDTH + LANES);
    c70.intoArray(after, to + 7 * WIDTH);
    c71.intoArray(after, to + 7 * WIDTH + LANES);
    c80.intoArray(after, to + 8 * WIDTH);
    c81.intoArray(after, to + 8 * WIDTH + LANES);
    c90.intoArray(after, to + 9 * WIDTH);
    c91.intoArray(after, to + 9 * WIDTH + LANES);
    cA0.intoArray(after, to + 10 * WIDTH);
    cA1.intoArray(after, to + 10 * WIDTH + LANES);
    cB0.intoArray(after, to + 11 * WIDTH);
    cB1.intoArray(after, to + 11 * WIDTH + LANES);
  }

  /** Where those of one step of depth do. */
  static void steps(
      float[] left, int panel, float[] right, int offset, int depth, float[] before, int from, float[] after, int to) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, before, from);
    FloatVector c01 = FloatVector.fromArray(FLOATS, before, from + LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, before, from + WIDTH);
    FloatVector c11 = FloatVector.fromArray(FLOATS, before, from + WIDTH + LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, before, from + 2 * WIDTH);
    FloatVector c21 = FloatVector.fromArray(FLOATS, before, from + 2 * WIDTH + LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, before, from + 3 * WIDTH);
    FloatVector c31 = FloatVector.fromArray(FLOATS, before, from + 3 * WIDTH + LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, before, from + 4 * WIDTH);
    FloatVector c41 = FloatVector.fromArray(FLOATS, before, from + 4 * WIDTH + LANES);
    FloatVector c50 = FloatVector.fromArray(FLOATS, before, from + 5 * WIDTH);
    FloatVector c51 = FloatVector.fromArray(FLOATS, before, from + 5 * WIDTH + LANES);
    FloatVector c60 = FloatVector.fromArray(FLOATS, before, from + 6 * WIDTH);
    FloatVector c61 = FloatVector.fromArray(FLOATS, before, from + 6 * WIDTH + LANES);
    FloatVector c70 = FloatVector.fromArray(FLOATS, before, from + 7 * WIDTH);
    FloatVector c71 = FloatVector.fromArray(FLOATS, before, from + 7 * WIDTH + LANES);
    FloatVector c80 = FloatVector.fromArray(FLOATS, before, from + 8 * WIDTH);
    FloatVector c81 = FloatVector.fromArray(FLOATS, before, from + 8 * WIDTH + LANES);
    FloatVector c90 = FloatVector.fromArray(FLOATS, before, from + 9 * WIDTH);
    FloatVector c91 = FloatVector.fromArray(FLOATS, before, from + 9 * WIDTH + LANES);
    FloatVector cA0 = FloatVector.fromArray(FLOATS, before, from + 10 * WIDTH);
    FloatVector cA1 = FloatVector.fromArray(FLOATS, before, from + 10 * WIDTH + LANES);
    FloatVector cB0 = FloatVector.fromArray(FLOATS, before, from + 11 * WIDTH);
    FloatVector cB1 = FloatVector.fromArray(FLOATS, before, from + 11 * WIDTH + LANES);
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
      FloatVector a6 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      FloatVector a8 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 8]);
      c80 = a8.fma(b0, c80);
      c81 = a8.fma(b1, c81);
      FloatVector a9 = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 9]);
      c90 = a9.fma(b0, c90);
      c91 = a9.fma(b1, c91);
      FloatVector aA = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 10]);
      cA0 = aA.fma(b0, cA0);
      cA1 = aA.fma(b1, cA1);
      FloatVector aB = FloatVector.broadcast(FLOATS, left[panel + k * STEP + 11]);
      cB0 = aB.fma(b0, cB0);
      cB1 = aB.fma(b1, cB1);
    }
    c00.intoArray(after, to);
    c01.intoArray(after, to + LANES);
    c10.intoArray(after, to + WIDTH);
    c11.intoArray(after, to + WIDTH + LANES);
    c20.intoArray(after, to + 2 * WIDTH);
    c21.intoArray(after, to + 2 * WIDTH + LANES);
    c30.intoArray(after, to + 3 * WIDTH);
    c31.intoArray(after, to + 3 * WIDTH + LANES);
    c40.intoArray(after, to + 4 * WIDTH);
    c41.intoArray(after, to + 4 * WIDTH + LANES);
    c50.intoArray(after, to + 5 * WIDTH);
    c51.intoArray(after, to + 5 * WIDTH + LANES);
    c60.intoArray(after, to + 6 * WIDTH);
    c61.intoArray(after, to + 6 * WIDTH + LANES);
    c70.intoArray(after, to + 7 * WIDTH);
    c71.intoArray(after, to + 7 * WIDTH + LANES);
    c80.intoArray(after, to + 8 * WIDTH);
    c81.intoArray(after, to + 8 * WIDTH + LANES);
    c90.intoArray(after, to + 9 * WIDTH);
    c91.intoArray(after, to + 9 * WIDTH + LANES);
    cA0.intoArray(after, to + 10 * WIDTH);
    cA1.intoArray(after, to + 10 * WIDTH + LANES);
    cB0.intoArray(after, to + 11 * WIDTH);
    cB1.intoArray(after, to + 11 * WIDTH + LANES);
  }
}
