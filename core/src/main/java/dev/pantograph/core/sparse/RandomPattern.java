package dev.pantograph.core.sparse;

import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.SparseIndices;
import java.util.Arrays;

/** Patterns drawn with addressed randomness: functions of (seed, stream, index), the same on every machine. */
public final class RandomPattern {
  private RandomPattern() {}

  /**
   * Each weight there with probability {@code density}, independently: those where {@link Distribution.Bernoulli} gives
   * 1.
   */
  public static SparseIndices bernoulli(int rows, int columns, double density, long seed, long stream) {
    Distribution.Bernoulli mask = new Distribution.Bernoulli(density);
    double[] row = new double[columns];
    int[] offsets = new int[rows + 1];
    int[] indices = new int[Math.toIntExact(Math.round(density * rows * columns) + columns)];
    int count = 0;
    for (int r = 0; r < rows; r++) {
      mask.samples(seed, stream, (long) r * columns, row, columns);
      if (indices.length - count < columns) {
        indices = Arrays.copyOf(indices, Math.toIntExact(indices.length + indices.length / 8L + columns));
      }
      for (int c = 0; c < columns; c++) {
        indices[count] = c;
        count += (int) row[c];
      }
      offsets[r + 1] = count;
    }
    return SparseIndices.of(rows, columns, offsets, Arrays.copyOf(indices, count));
  }
}
