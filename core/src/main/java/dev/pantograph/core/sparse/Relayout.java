package dev.pantograph.core.sparse;

import dev.pantograph.spi.SparseIndices;
import org.jspecify.annotations.Nullable;

/**
 * The way of a weight's stored numbers (values, moments) from one topology to another: a weight that is there before
 * and after keeps its number, one that is new has zero.
 *
 * @param from before, null for a dense weight
 * @param to after, null for a dense weight
 */
public record Relayout(@Nullable SparseIndices from, @Nullable SparseIndices to) {

  /** The numbers in their new places. */
  public double[] apply(double[] numbers) {
    if (from == null) {
      return to == null ? numbers : gathered(to, numbers);
    }
    double[] whole = scattered(from, numbers);
    return to == null ? whole : gathered(to, whole);
  }

  /** Numbers at the places of the indices, by rows. */
  public static double[] gathered(SparseIndices indices, double[] whole) {
    double[] numbers = new double[indices.nonZeros()];
    for (int row = 0; row < indices.rows(); row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        numbers[i] = whole[row * indices.columns() + indices.column(i)];
      }
    }
    return numbers;
  }

  /** All places by rows, with zero where the indices have none. */
  public static double[] scattered(SparseIndices indices, double[] numbers) {
    double[] whole = new double[Math.multiplyExact(indices.rows(), indices.columns())];
    for (int row = 0; row < indices.rows(); row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        whole[row * indices.columns() + indices.column(i)] = numbers[i];
      }
    }
    return whole;
  }
}
