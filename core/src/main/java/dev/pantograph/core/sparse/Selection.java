package dev.pantograph.core.sparse;

import dev.pantograph.spi.SparseIndices;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;

/**
 * Which weights stay and which come when a layer's topology changes. Magnitudes are compared in float32; of equal ones
 * the place of lower index is taken as the larger, places being counted row by row.
 */
public final class Selection {
  private Selection() {}

  /**
   * The weights of largest magnitude among those there are.
   *
   * @param now the places there are
   * @param whole the values at all places, row by row
   * @param count how many stay, at most as many as there are
   */
  public static SparseIndices largest(SparseIndices now, double[] whole, int count) {
    return Places.of(now.rows(), now.columns(), largestPlaces(Places.of(now), whole, count));
  }

  private static BitSet largestPlaces(BitSet places, double[] whole, int count) {
    return LargestKeys.among(whole.length, places, count, place -> LargestKeys.ofMagnitude(whole[place]));
  }

  /**
   * The weights after a drop and a growth of the same number, {@code ⌊fraction·weights⌋}. A place that was dropped may
   * be chosen again, and is then as if it had stayed.
   *
   * @param whole the values at all places, row by row
   * @param growth key of a place: the largest, compared as unsigned, grow
   */
  public static SparseIndices regrown(SparseIndices now, double[] whole, double fraction, IntUnaryOperator growth) {
    int moved = (int) Math.floor(now.nonZeros() * fraction);
    BitSet places = largestPlaces(Places.of(now), whole, now.nonZeros() - moved);
    BitSet free = new BitSet(whole.length);
    free.set(0, whole.length);
    free.andNot(places);
    places.or(LargestKeys.among(whole.length, free, moved, growth));
    return Places.of(now.rows(), now.columns(), places);
  }

  /** The growth keys of RigL: the magnitude of the dense gradient. */
  public static IntUnaryOperator byGradient(double[] whole) {
    return place -> LargestKeys.ofMagnitude(whole[place]);
  }

  /** The places of a dense weight. */
  public static SparseIndices everywhere(int rows, int columns) {
    return SparseIndices.of(rows, columns, (_, _) -> true);
  }
}
