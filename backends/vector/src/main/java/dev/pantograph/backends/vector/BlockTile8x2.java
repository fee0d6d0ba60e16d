package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of products of blocks where there are 32 vector registers: {@code C[i, j] (+)= Σₖ A[i, k]·B[k, j]}
 * for 8 rows and two vectors of columns. The 16 sums stay in registers; each step loads two vectors and eight scalars
 * for 16 multiply-adds.
 *
 * <p>A, B and C have rows of {@link CausalBlock#SIZE}: because that is a constant, the compiler moves every bounds check
 * out of the loop.
 */
final class BlockTile8x2 {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int ROW = CausalBlock.SIZE;

  private BlockTile8x2() {}

  /** The tile for the left factor {@code A[i, k] = a[a0 + i·ROW + k]}. */
  static void rows(float[] a, int a0, float[] b, int b0, float[] c, int c0, int depth, boolean add) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s41 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s51 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s61 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    FloatVector s71 = FloatVector.zero(F);
    if (add) {
      s00 = FloatVector.fromArray(F, c, c0);
      s01 = FloatVector.fromArray(F, c, c0 + LANES);
      s10 = FloatVector.fromArray(F, c, c0 + ROW);
      s11 = FloatVector.fromArray(F, c, c0 + ROW + LANES);
      s20 = FloatVector.fromArray(F, c, c0 + 2 * ROW);
      s21 = FloatVector.fromArray(F, c, c0 + 2 * ROW + LANES);
      s30 = FloatVector.fromArray(F, c, c0 + 3 * ROW);
      s31 = FloatVector.fromArray(F, c, c0 + 3 * ROW + LANES);
      s40 = FloatVector.fromArray(F, c, c0 + 4 * ROW);
      s41 = FloatVector.fromArray(F, c, c0 + 4 * ROW + LANES);
      s50 = FloatVector.fromArray(F, c, c0 + 5 * ROW);
      s51 = FloatVector.fromArray(F, c, c0 + 5 * ROW + LANES);
      s60 = FloatVector.fromArray(F, c, c0 + 6 * ROW);
      s61 = FloatVector.fromArray(F, c, c0 + 6 * ROW + LANES);
      s70 = FloatVector.fromArray(F, c, c0 + 7 * ROW);
      s71 = FloatVector.fromArray(F, c, c0 + 7 * ROW + LANES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector left = FloatVector.fromArray(F, b, b0 + k * ROW);
      FloatVector right = FloatVector.fromArray(F, b, b0 + k * ROW + LANES);
      FloatVector v0 = FloatVector.broadcast(F, a[a0 + k]);
      s00 = v0.fma(left, s00);
      s01 = v0.fma(right, s01);
      FloatVector v1 = FloatVector.broadcast(F, a[a0 + ROW + k]);
      s10 = v1.fma(left, s10);
      s11 = v1.fma(right, s11);
      FloatVector v2 = FloatVector.broadcast(F, a[a0 + 2 * ROW + k]);
      s20 = v2.fma(left, s20);
      s21 = v2.fma(right, s21);
      FloatVector v3 = FloatVector.broadcast(F, a[a0 + 3 * ROW + k]);
      s30 = v3.fma(left, s30);
      s31 = v3.fma(right, s31);
      FloatVector v4 = FloatVector.broadcast(F, a[a0 + 4 * ROW + k]);
      s40 = v4.fma(left, s40);
      s41 = v4.fma(right, s41);
      FloatVector v5 = FloatVector.broadcast(F, a[a0 + 5 * ROW + k]);
      s50 = v5.fma(left, s50);
      s51 = v5.fma(right, s51);
      FloatVector v6 = FloatVector.broadcast(F, a[a0 + 6 * ROW + k]);
      s60 = v6.fma(left, s60);
      s61 = v6.fma(right, s61);
      FloatVector v7 = FloatVector.broadcast(F, a[a0 + 7 * ROW + k]);
      s70 = v7.fma(left, s70);
      s71 = v7.fma(right, s71);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c0 + ROW);
    s11.intoArray(c, c0 + ROW + LANES);
    s20.intoArray(c, c0 + 2 * ROW);
    s21.intoArray(c, c0 + 2 * ROW + LANES);
    s30.intoArray(c, c0 + 3 * ROW);
    s31.intoArray(c, c0 + 3 * ROW + LANES);
    s40.intoArray(c, c0 + 4 * ROW);
    s41.intoArray(c, c0 + 4 * ROW + LANES);
    s50.intoArray(c, c0 + 5 * ROW);
    s51.intoArray(c, c0 + 5 * ROW + LANES);
    s60.intoArray(c, c0 + 6 * ROW);
    s61.intoArray(c, c0 + 6 * ROW + LANES);
    s70.intoArray(c, c0 + 7 * ROW);
    s71.intoArray(c, c0 + 7 * ROW + LANES);
  }

  /** The tile for the left factor {@code A[i, k] = a[a0 + k·ROW + i]}. */
  static void columns(float[] a, int a0, float[] b, int b0, float[] c, int c0, int depth, boolean add) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = FloatVector.zero(F);
    FloatVector s10 = FloatVector.zero(F);
    FloatVector s11 = FloatVector.zero(F);
    FloatVector s20 = FloatVector.zero(F);
    FloatVector s21 = FloatVector.zero(F);
    FloatVector s30 = FloatVector.zero(F);
    FloatVector s31 = FloatVector.zero(F);
    FloatVector s40 = FloatVector.zero(F);
    FloatVector s41 = FloatVector.zero(F);
    FloatVector s50 = FloatVector.zero(F);
    FloatVector s51 = FloatVector.zero(F);
    FloatVector s60 = FloatVector.zero(F);
    FloatVector s61 = FloatVector.zero(F);
    FloatVector s70 = FloatVector.zero(F);
    FloatVector s71 = FloatVector.zero(F);
    if (add) {
      s00 = FloatVector.fromArray(F, c, c0);
      s01 = FloatVector.fromArray(F, c, c0 + LANES);
      s10 = FloatVector.fromArray(F, c, c0 + ROW);
      s11 = FloatVector.fromArray(F, c, c0 + ROW + LANES);
      s20 = FloatVector.fromArray(F, c, c0 + 2 * ROW);
      s21 = FloatVector.fromArray(F, c, c0 + 2 * ROW + LANES);
      s30 = FloatVector.fromArray(F, c, c0 + 3 * ROW);
      s31 = FloatVector.fromArray(F, c, c0 + 3 * ROW + LANES);
      s40 = FloatVector.fromArray(F, c, c0 + 4 * ROW);
      s41 = FloatVector.fromArray(F, c, c0 + 4 * ROW + LANES);
      s50 = FloatVector.fromArray(F, c, c0 + 5 * ROW);
      s51 = FloatVector.fromArray(F, c, c0 + 5 * ROW + LANES);
      s60 = FloatVector.fromArray(F, c, c0 + 6 * ROW);
      s61 = FloatVector.fromArray(F, c, c0 + 6 * ROW + LANES);
      s70 = FloatVector.fromArray(F, c, c0 + 7 * ROW);
      s71 = FloatVector.fromArray(F, c, c0 + 7 * ROW + LANES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector left = FloatVector.fromArray(F, b, b0 + k * ROW);
      FloatVector right = FloatVector.fromArray(F, b, b0 + k * ROW + LANES);
      FloatVector v0 = FloatVector.broadcast(F, a[a0 + k * ROW]);
      s00 = v0.fma(left, s00);
      s01 = v0.fma(right, s01);
      FloatVector v1 = FloatVector.broadcast(F, a[a0 + k * ROW + 1]);
      s10 = v1.fma(left, s10);
      s11 = v1.fma(right, s11);
      FloatVector v2 = FloatVector.broadcast(F, a[a0 + k * ROW + 2]);
      s20 = v2.fma(left, s20);
      s21 = v2.fma(right, s21);
      FloatVector v3 = FloatVector.broadcast(F, a[a0 + k * ROW + 3]);
      s30 = v3.fma(left, s30);
      s31 = v3.fma(right, s31);
      FloatVector v4 = FloatVector.broadcast(F, a[a0 + k * ROW + 4]);
      s40 = v4.fma(left, s40);
      s41 = v4.fma(right, s41);
      FloatVector v5 = FloatVector.broadcast(F, a[a0 + k * ROW + 5]);
      s50 = v5.fma(left, s50);
      s51 = v5.fma(right, s51);
      FloatVector v6 = FloatVector.broadcast(F, a[a0 + k * ROW + 6]);
      s60 = v6.fma(left, s60);
      s61 = v6.fma(right, s61);
      FloatVector v7 = FloatVector.broadcast(F, a[a0 + k * ROW + 7]);
      s70 = v7.fma(left, s70);
      s71 = v7.fma(right, s71);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c0 + ROW);
    s11.intoArray(c, c0 + ROW + LANES);
    s20.intoArray(c, c0 + 2 * ROW);
    s21.intoArray(c, c0 + 2 * ROW + LANES);
    s30.intoArray(c, c0 + 3 * ROW);
    s31.intoArray(c, c0 + 3 * ROW + LANES);
    s40.intoArray(c, c0 + 4 * ROW);
    s41.intoArray(c, c0 + 4 * ROW + LANES);
    s50.intoArray(c, c0 + 5 * ROW);
    s51.intoArray(c, c0 + 5 * ROW + LANES);
    s60.intoArray(c, c0 + 6 * ROW);
    s61.intoArray(c, c0 + 6 * ROW + LANES);
    s70.intoArray(c, c0 + 7 * ROW);
    s71.intoArray(c, c0 + 7 * ROW + LANES);
  }
}
