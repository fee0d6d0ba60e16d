package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of products of blocks where there may be only 16 vector registers: {@link BlockTile8x2} with 4
 * rows.
 */
final class BlockTile4x2 {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int ROW = CausalBlock.SIZE;

  private BlockTile4x2() {}

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
    if (add) {
      s00 = FloatVector.fromArray(F, c, c0);
      s01 = FloatVector.fromArray(F, c, c0 + LANES);
      s10 = FloatVector.fromArray(F, c, c0 + ROW);
      s11 = FloatVector.fromArray(F, c, c0 + ROW + LANES);
      s20 = FloatVector.fromArray(F, c, c0 + 2 * ROW);
      s21 = FloatVector.fromArray(F, c, c0 + 2 * ROW + LANES);
      s30 = FloatVector.fromArray(F, c, c0 + 3 * ROW);
      s31 = FloatVector.fromArray(F, c, c0 + 3 * ROW + LANES);
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
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c0 + ROW);
    s11.intoArray(c, c0 + ROW + LANES);
    s20.intoArray(c, c0 + 2 * ROW);
    s21.intoArray(c, c0 + 2 * ROW + LANES);
    s30.intoArray(c, c0 + 3 * ROW);
    s31.intoArray(c, c0 + 3 * ROW + LANES);
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
    if (add) {
      s00 = FloatVector.fromArray(F, c, c0);
      s01 = FloatVector.fromArray(F, c, c0 + LANES);
      s10 = FloatVector.fromArray(F, c, c0 + ROW);
      s11 = FloatVector.fromArray(F, c, c0 + ROW + LANES);
      s20 = FloatVector.fromArray(F, c, c0 + 2 * ROW);
      s21 = FloatVector.fromArray(F, c, c0 + 2 * ROW + LANES);
      s30 = FloatVector.fromArray(F, c, c0 + 3 * ROW);
      s31 = FloatVector.fromArray(F, c, c0 + 3 * ROW + LANES);
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
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c0 + ROW);
    s11.intoArray(c, c0 + ROW + LANES);
    s20.intoArray(c, c0 + 2 * ROW);
    s21.intoArray(c, c0 + 2 * ROW + LANES);
    s30.intoArray(c, c0 + 3 * ROW);
    s31.intoArray(c, c0 + 3 * ROW + LANES);
  }
}
