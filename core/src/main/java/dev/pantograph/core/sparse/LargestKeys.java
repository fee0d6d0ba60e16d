package dev.pantograph.core.sparse;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;

/** The largest of many keys, the same on every machine: of equal keys, those of lower index come first. */
final class LargestKeys {
  private static final int BUCKETS = 1 << 16;

  private LargestKeys() {}

  /** The key of a magnitude, compared in float32 whatever it was computed in. */
  static int ofMagnitude(double value) {
    return Float.floatToIntBits(Math.abs((float) value));
  }

  /**
   * The indices of the {@code count} largest keys among those a filter admits.
   *
   * @param size number of indices, from 0
   * @param admitted which take part, at least {@code count}
   * @param key of an index, compared as unsigned; asked for up to three times
   */
  static BitSet among(int size, BitSet admitted, int count, IntUnaryOperator key) {
    BitSet chosen = new BitSet(size);
    int[] histogram = new int[BUCKETS];
    for (int i = admitted.nextSetBit(0); i >= 0; i = admitted.nextSetBit(i + 1)) {
      histogram[bucket(key.applyAsInt(i))]++;
    }
    int last = BUCKETS - 1;
    int missing = count;
    while (last > 0 && missing >= histogram[last]) {
      missing -= histogram[last--];
    }
    // By falling key and then rising index: both fit one number, which sorts.
    long[] edge = new long[histogram[last]];
    int edges = 0;
    for (int i = admitted.nextSetBit(0); i >= 0; i = admitted.nextSetBit(i + 1)) {
      int k = key.applyAsInt(i);
      if (bucket(k) > last) {
        chosen.set(i);
      } else if (bucket(k) == last) {
        edge[edges++] = ~Integer.toUnsignedLong(k) << Integer.SIZE | i;
      }
    }
    Arrays.sort(edge);
    for (int i = 0; i < missing; i++) {
      chosen.set((int) edge[i]);
    }
    return chosen;
  }

  /** {@link #among} all indices. */
  static BitSet of(int size, int count, IntUnaryOperator key) {
    BitSet all = new BitSet(size);
    all.set(0, size);
    return among(size, all, count, key);
  }

  private static int bucket(int key) {
    return key >>> 16;
  }
}
