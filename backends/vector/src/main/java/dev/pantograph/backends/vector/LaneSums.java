package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of many vectors at once. In a round, two vectors become one: each adds lanes a distance apart,
 * and they keep the lanes of one parity each. After as many rounds as a lane number has bits, lane i of a vector is the
 * sum of the i-th of as many vectors. The order of the additions is fixed, unlike that of a vector's own reduction.
 * {@link SparseRows} does the first two rounds in registers.
 */
final class LaneSums {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  static final VectorShuffle<Float> SWAP_1 = swap(1);
  static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  static final VectorMask<Float> ODD_1 = odd(1);
  static final VectorMask<Float> ODD_2 = odd(2);
  private static final VectorMask<Float> ODD_4 = odd(4);
  private static final VectorMask<Float> ODD_8 = odd(8);

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, lane -> (lane ^ distance) % LANES);
  }

  /** Lanes whose number has this bit. */
  private static VectorMask<Float> odd(int bit) {
    boolean[] lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(F, lanes, 0);
  }

  private LaneSums() {}

  /**
   * Writes the sums of so many slots to {@code sums[at …]}.
   *
   * @param vectors one for each four slots, lane l of which has a part of the sum of slot {@code l mod 4}; with room
   *     for a multiple of a vector's length of slots
   */
  static void write(MemorySegment vectors, int slots, float[] sums, int at) {
    int bound = F.loopBound(slots);
    for (int i = 0; i < bound; i += LANES) {
      sum(vectors, i / 4).intoArray(sums, at + i);
    }
    if (bound < slots) {
      sum(vectors, bound / 4).intoArray(sums, at + bound, F.indexInRange(bound, slots));
    }
  }

  /** Adds them. A method of its own, for a flag would be guessed by the compiler, which {@link SparseRows} shuns. */
  static void add(MemorySegment vectors, int slots, float[] sums, int at) {
    int bound = F.loopBound(slots);
    for (int i = 0; i < bound; i += LANES) {
      sum(vectors, i / 4).add(FloatVector.fromArray(F, sums, at + i)).intoArray(sums, at + i);
    }
    if (bound < slots) {
      VectorMask<Float> rest = F.indexInRange(bound, slots);
      sum(vectors, bound / 4).add(FloatVector.fromArray(F, sums, at + bound, rest)).intoArray(sums, at + bound, rest);
    }
  }

  /** The sums of the slots of the vectors from this one on, as many slots as a vector has lanes. */
  private static FloatVector sum(MemorySegment vectors, int first) {
    return switch (LANES) {
      case 16 -> round8(sum4(vectors, first), sum4(vectors, first + 2));
      case 8 -> sum4(vectors, first);
      default -> vector(vectors, first);
    };
  }

  private static FloatVector sum4(MemorySegment vectors, int first) {
    FloatVector a = vector(vectors, first);
    FloatVector b = vector(vectors, first + 1);
    return a.blend(b, ODD_4).add(b.blend(a, ODD_4).rearrange(SWAP_4));
  }

  private static FloatVector round8(FloatVector a, FloatVector b) {
    return a.blend(b, ODD_8).add(b.blend(a, ODD_8).rearrange(SWAP_8));
  }

  private static FloatVector vector(MemorySegment vectors, int i) {
    return FloatVector.fromMemorySegment(F, vectors, (long) i * STEP, ORDER);
  }
}
