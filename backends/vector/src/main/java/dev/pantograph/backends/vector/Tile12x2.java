package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of the matrix product where there are 32 vector registers:
 * {@code sums[i, j] = Σₖ left[k, i]·right[k, j]} for 12 rows and two vectors of columns. The 24 sums
 * stay in registers for the whole depth; each step loads two vectors and twelve scalars for 24 multiply-adds, so the
 * arithmetic, not the loads, sets the pace.
 *
 * <p>Each sum over k is one chain of fused multiply-adds in order, begun at zero: those of several blocks of depth are
 * added up elsewhere, which loses fewer digits than one long chain and keeps these methods, the longest there are, below
 * what the compiler is willing to inline into one. Beyond that every vector would be an object. All strides are
 * constants, which lets the compiler move every bounds check out of the loop. The sums have names because an array of
 * vectors would be an array of objects, and the tiles of other sizes are classes of their own because the compiler keeps
 * nothing in registers that is chosen at run time.
 */
final class Tile12x2 {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int WIDTH = RightPanels.WIDTH;
  private static final int STEP = LeftPanels.ROWS;
  private static final int ROW = LeftRows.STRIDE;

  private Tile12x2() {}

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
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    FloatVector c80 = FloatVector.zero(FLOATS);
    FloatVector c81 = FloatVector.zero(FLOATS);
    FloatVector c90 = FloatVector.zero(FLOATS);
    FloatVector c91 = FloatVector.zero(FLOATS);
    FloatVector cA0 = FloatVector.zero(FLOATS);
    FloatVector cA1 = FloatVector.zero(FLOATS);
    FloatVector cB0 = FloatVector.zero(FLOATS);
    FloatVector cB1 = FloatVector.zero(FLOATS);
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
    c60.intoArray(sums, at + 6 * WIDTH);
    c61.intoArray(sums, at + 6 * WIDTH + LANES);
    c70.intoArray(sums, at + 7 * WIDTH);
    c71.intoArray(sums, at + 7 * WIDTH + LANES);
    c80.intoArray(sums, at + 8 * WIDTH);
    c81.intoArray(sums, at + 8 * WIDTH + LANES);
    c90.intoArray(sums, at + 9 * WIDTH);
    c91.intoArray(sums, at + 9 * WIDTH + LANES);
    cA0.intoArray(sums, at + 10 * WIDTH);
    cA1.intoArray(sums, at + 10 * WIDTH + LANES);
    cB0.intoArray(sums, at + 11 * WIDTH);
    cB1.intoArray(sums, at + 11 * WIDTH + LANES);
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
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    FloatVector c80 = FloatVector.zero(FLOATS);
    FloatVector c81 = FloatVector.zero(FLOATS);
    FloatVector c90 = FloatVector.zero(FLOATS);
    FloatVector c91 = FloatVector.zero(FLOATS);
    FloatVector cA0 = FloatVector.zero(FLOATS);
    FloatVector cA1 = FloatVector.zero(FLOATS);
    FloatVector cB0 = FloatVector.zero(FLOATS);
    FloatVector cB1 = FloatVector.zero(FLOATS);
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
    c60.intoArray(sums, at + 6 * WIDTH);
    c61.intoArray(sums, at + 6 * WIDTH + LANES);
    c70.intoArray(sums, at + 7 * WIDTH);
    c71.intoArray(sums, at + 7 * WIDTH + LANES);
    c80.intoArray(sums, at + 8 * WIDTH);
    c81.intoArray(sums, at + 8 * WIDTH + LANES);
    c90.intoArray(sums, at + 9 * WIDTH);
    c91.intoArray(sums, at + 9 * WIDTH + LANES);
    cA0.intoArray(sums, at + 10 * WIDTH);
    cA1.intoArray(sums, at + 10 * WIDTH + LANES);
    cB0.intoArray(sums, at + 11 * WIDTH);
    cB1.intoArray(sums, at + 11 * WIDTH + LANES);
  }
}
