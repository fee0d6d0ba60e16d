package dev.pantograph.backends.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows {@code [T, D]} of one head in working memory: panels of {@link CausalBlock#SIZE} columns, each with rows of that
 * constant length, so that one tile serves every head dimension.
 */
final class HeadRows {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int SIZE = CausalBlock.SIZE;

  private float[] data = new float[0];
  private int panelLength;
  private int width;

  /** Makes room for whole blocks of rows of a head dimension. What was in it is lost. */
  void resize(int rows, int headDim) {
    width = headDim;
    panelLength = Math.multiplyExact(Math.ceilDiv(rows, SIZE) * SIZE, SIZE);
    int length = Math.multiplyExact(panelLength, panels());
    if (data.length < length) {
      data = new float[length];
    }
  }

  float[] data() {
    return data;
  }

  int panels() {
    return Math.ceilDiv(width, SIZE);
  }

  /** Columns in use in a panel. */
  int columns(int panel) {
    return Math.min(SIZE, width - panel * SIZE);
  }

  /** Where a row of a panel begins. */
  int at(int panel, int row) {
    return panel * panelLength + row * SIZE;
  }

  /** Sets rows to zero. */
  void clear(int row, int rows) {
    for (int panel = 0; panel < panels(); panel++) {
      Arrays.fill(data, at(panel, row), at(panel, row + rows), 0);
    }
  }

  /** Adds other rows of the same number and head dimension. */
  void add(HeadRows other) {
    int length = panels() * panelLength;
    for (int i = 0; i < length; i += F.length()) {
      FloatVector.fromArray(F, data, i).add(FloatVector.fromArray(F, other.data, i)).intoArray(data, i);
    }
  }

  /**
   * The product of a row with one of other rows of the same head dimension.
   *
   * @param lanes of one vector, overwritten
   */
  float dot(int row, HeadRows other, int otherRow, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    for (int panel = 0; panel < panels(); panel++) {
      int at = at(panel, row);
      int otherAt = other.at(panel, otherRow);
      for (int d = 0; d < columns(panel); d += F.length()) {
        sum = FloatVector.fromArray(F, data, at + d).fma(FloatVector.fromArray(F, other.data, otherAt + d), sum);
      }
    }
    sum.intoArray(lanes, 0);
    return VectorMath.sum(lanes, 0);
  }

  /** The transpose of a block: {@code target[start + d·SIZE + i] = factor·[row + i, d]}. */
  void transpose(int row, int rows, float factor, float[] target, int start) {
    for (int panel = 0; panel < panels(); panel++) {
      int from = at(panel, row);
      int to = start + panel * SIZE * SIZE;
      for (int d = 0; d < columns(panel); d++) {
        transposeColumn(data, from + d, rows, factor, target, to + d * SIZE);
      }
    }
  }

  private static void transposeColumn(float[] source, int from, int rows, float factor, float[] target, int to) {
    for (int i = 0; i < rows; i++) {
      target[to + i] = factor * source[from + i * SIZE];
    }
  }
}
