package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of many vectors at once. In a round, two vectors become one: each adds lanes a distance apart,
 * and they keep the lanes of one parity each. After as many rounds as a lane number has bits, lane i of a vector is the
 * sum of the i-th of as many vectors. The order of the additions is fixed, unlike that of a vector's own reduction.
 */
final class LaneSums {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorMask<Float> ODD_1 = odd(1);
  private static final VectorMask<Float> ODD_2 = odd(2);
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
   * Adds, or writes, the sums of {@code count} vectors to {@code sums[at …]}. The memory of the vectors is used up
   * and must have room for a multiple of their length.
   */
  static void reduce(MemorySegment vectors, int count, float[] sums, int at, boolean add) {
    int pairs = Math.ceilDiv(count, LANES) * LANES / 2;
    round1(vectors, pairs);
    round2(vectors, pairs / 2);
    if (LANES >= 8) {
      round4(vectors, pairs / 4);
    }
    if (LANES >= 16) {
      round8(vectors, pairs / 8);
    }
    int bound = F.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector sum = vector(vectors, i / LANES);
      (add ? sum.add(FloatVector.fromArray(F, sums, at + i)) : sum).intoArray(sums, at + i);
    }
    for (int i = bound; i < count; i++) {
      float sum = vectors.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      sums[at + i] = add ? sum + sums[at + i] : sum;
    }
  }

  private static FloatVector vector(MemorySegment vectors, int i) {
    return FloatVector.fromMemorySegment(F, vectors, (long) i * STEP, ORDER);
  }

  private static void round1(MemorySegment vectors, int pairs) {
    for (int i = 0; i < pairs; i++) {
      FloatVector a = vector(vectors, 2 * i);
      FloatVector b = vector(vectors, 2 * i + 1);
      a.blend(b, ODD_1).add(b.blend(a, ODD_1).rearrange(SWAP_1)).intoMemorySegment(vectors, (long) i * STEP, ORDER);
    }
  }

  private static void round2(MemorySegment vectors, int pairs) {
    for (int i = 0; i < pairs; i++) {
      FloatVector a = vector(vectors, 2 * i);
      FloatVector b = vector(vectors, 2 * i + 1);
      a.blend(b, ODD_2).add(b.blend(a, ODD_2).rearrange(SWAP_2)).intoMemorySegment(vectors, (long) i * STEP, ORDER);
    }
  }

  private static void round4(MemorySegment vectors, int pairs) {
    for (int i = 0; i < pairs; i++) {
      FloatVector a = vector(vectors, 2 * i);
      FloatVector b = vector(vectors, 2 * i + 1);
      a.blend(b, ODD_4).add(b.blend(a, ODD_4).rearrange(SWAP_4)).intoMemorySegment(vectors, (long) i * STEP, ORDER);
    }
  }

  private static void round8(MemorySegment vectors, int pairs) {
    for (int i = 0; i < pairs; i++) {
      FloatVector a = vector(vectors, 2 * i);
      FloatVector b = vector(vectors, 2 * i + 1);
      a.blend(b, ODD_8).add(b.blend(a, ODD_8).rearrange(SWAP_8)).intoMemorySegment(vectors, (long) i * STEP, ORDER);
    }
  }
}
