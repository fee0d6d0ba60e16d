package dev.pantograph.core.sparse;

import dev.pantograph.spi.Philox;
import dev.pantograph.spi.SparseIndices;
import java.util.Arrays;
import java.util.BitSet;

/** Sets of places of a weight, row-major, and the indices they are. */
final class Places {
  private Places() {}

  /** That share of a number of things, but at least one. */
  static int share(double density, int of) {
    return Math.max(1, Math.toIntExact(Math.round(density * of)));
  }

  static SparseIndices of(int rows, int columns, BitSet places) {
    int[] offsets = new int[rows + 1];
    int[] indices = new int[places.cardinality()];
    int count = 0;
    for (int place = places.nextSetBit(0); place >= 0; place = places.nextSetBit(place + 1)) {
      indices[count++] = place % columns;
      offsets[place / columns + 1] = count;
    }
    for (int row = 0; row < rows; row++) {
      offsets[row + 1] = Math.max(offsets[row + 1], offsets[row]);
    }
    return SparseIndices.of(rows, columns, offsets, indices);
  }

  static BitSet of(SparseIndices indices) {
    BitSet places = new BitSet(indices.rows() * indices.columns());
    for (int row = 0; row < indices.rows(); row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        places.set(row * indices.columns() + indices.column(i));
      }
    }
    return places;
  }

  /** {@code kept} random places in every {@code size} neighbours of a row: those of the least words. */
  static SparseIndices inGroups(int rows, int columns, int kept, int size, long seed, long stream) {
    BitSet places = new BitSet(Math.multiplyExact(rows, columns));
    long[] keys = new long[size];
    for (int first = 0; first < rows * columns; first += size) {
      for (int i = 0; i < size; i++) {
        keys[i] = Philox.word(seed, stream, first + i) << Integer.SIZE - 1 | i;
      }
      Arrays.sort(keys);
      for (int i = 0; i < kept; i++) {
        places.set(first + (int) (keys[i] & Integer.MAX_VALUE));
      }
    }
    return of(rows, columns, places);
  }
}
