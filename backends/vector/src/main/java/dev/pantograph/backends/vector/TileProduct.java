package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small matrix products {@code C (+)= A·B} on arrays that fit the first-level cache: the inside of blockwise attention. B and C
 * are row-major with columns in the lanes; A is read one number at a time, by any two strides, so it serves transposed too.
 *
 * <p>A tile of C, {@value #ROWS} rows of two vectors, stays in registers while the products are summed in order of the common
 * dimension: each number of A read is used twice, each vector of B four times.
 */
final class TileProduct {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  /** Rows of a tile; the rows of every product are padded to a multiple of it. */
  static final int ROWS = 4;

  private TileProduct() {}

  /** One factor or the result: element (i, j) is {@code array[start + i·rowStride + j·columnStride]}. */
  static void multiply(float[] a, int a0, int aRow, int aStep, float[] b, int b0, int bStep,
      float[] c, int c0, int cRow, int rows, int columns, int depth, boolean add) {
    int pair = 2 * F.length();
    int j = 0;
    for (; j + pair <= columns; j += pair) {
      for (int i = 0; i < rows; i += ROWS) {
        wide(a, a0 + i * aRow, aRow, aStep, b, b0 + j, bStep, c, c0 + i * cRow + j, cRow, depth, add);
      }
    }
    if (j < columns) {
      for (int i = 0; i < rows; i += ROWS) {
        narrow(a, a0 + i * aRow, aRow, aStep, b, b0 + j, bStep, c, c0 + i * cRow + j, cRow, depth, add);
      }
    }
  }

  /** A tile of two vectors per row. */
  private static void wide(float[] a, int a0, int aRow, int aStep, float[] b, int b0, int bStep,
      float[] c, int c0, int cRow, int depth, boolean add) {
    int lanes = F.length();
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    if (add) {
      s00 = FloatVector.fromArray(F, c, c0);
      s01 = FloatVector.fromArray(F, c, c0 + lanes);
      s10 = FloatVector.fromArray(F, c, c1);
      s11 = FloatVector.fromArray(F, c, c1 + lanes);
      s20 = FloatVector.fromArray(F, c, c2);
      s21 = FloatVector.fromArray(F, c, c2 + lanes);
      s30 = FloatVector.fromArray(F, c, c3);
      s31 = FloatVector.fromArray(F, c, c3 + lanes);
    }
    int a1 = a0 + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int k = 0; k < depth; k++) {
      FloatVector left = FloatVector.fromArray(F, b, b0 + k * bStep);
      FloatVector right = FloatVector.fromArray(F, b, b0 + k * bStep + lanes);
      int at = k * aStep;
      FloatVector v0 = FloatVector.broadcast(F, a[a0 + at]);
      s00 = v0.fma(left, s00);
      s01 = v0.fma(right, s01);
      FloatVector v1 = FloatVector.broadcast(F, a[a1 + at]);
      s10 = v1.fma(left, s10);
      s11 = v1.fma(right, s11);
      FloatVector v2 = FloatVector.broadcast(F, a[a2 + at]);
      s20 = v2.fma(left, s20);
      s21 = v2.fma(right, s21);
      FloatVector v3 = FloatVector.broadcast(F, a[a3 + at]);
      s30 = v3.fma(left, s30);
      s31 = v3.fma(right, s31);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + lanes);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + lanes);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + lanes);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + lanes);
  }

  /** A tile of one vector per row: the last columns when their number of vectors is odd. */
  private static void narrow(float[] a, int a0, int aRow, int aStep, float[] b, int b0, int bStep,
      float[] c, int c0, int cRow, int depth, boolean add) {
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    if (add) {
      s0 = FloatVector.fromArray(F, c, c0);
      s1 = FloatVector.fromArray(F, c, c1);
      s2 = FloatVector.fromArray(F, c, c2);
      s3 = FloatVector.fromArray(F, c, c3);
    }
    int a1 = a0 + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int k = 0; k < depth; k++) {
      FloatVector v = FloatVector.fromArray(F, b, b0 + k * bStep);
      int at = k * aStep;
      s0 = FloatVector.broadcast(F, a[a0 + at]).fma(v, s0);
      s1 = FloatVector.broadcast(F, a[a1 + at]).fma(v, s1);
      s2 = FloatVector.broadcast(F, a[a2 + at]).fma(v, s2);
      s3 = FloatVector.broadcast(F, a[a3 + at]).fma(v, s3);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c1);
    s2.intoArray(c, c2);
    s3.intoArray(c, c3);
  }
}
