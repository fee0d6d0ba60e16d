package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transpose of a square of 16×16 numbers by vectors of 16: rows a distance apart exchange the halves, then quarters,
 * eighths and sixteenths of their vectors (Eklundh 1972). Two exchanges at a time are done on four rows in registers.
 */
final class Transpose16 {
  /** Side of the square, and lanes of a vector: where they are fewer, this class is not used. */
  static final int SIZE = 16;

  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int ROW = CausalBlock.SIZE;

  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> LOW_8 = low(8);
  private static final VectorMask<Float> LOW_4 = low(4);
  private static final VectorMask<Float> LOW_2 = low(2);
  private static final VectorMask<Float> LOW_1 = low(1);

  private Transpose16() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, lane -> lane ^ distance);
  }

  /** The lanes that stay when others come from a row below. */
  private static VectorMask<Float> low(int distance) {
    boolean[] lanes = new boolean[SIZE];
    for (int lane = 0; lane < SIZE; lane++) {
      lanes[lane] = (lane & distance) == 0;
    }
    return VectorMask.fromArray(F, lanes, 0);
  }

  /** {@code target[to + d·ROW + i] = factor·source[from + i·ROW + d]}. */
  static void transpose(float[] source, int from, float factor, float[] target, int to) {
    for (int row = 0; row < 4; row++) {
      exchangeHalvesAndQuarters(source, from + row * ROW, target, to + row * ROW);
    }
    FloatVector factors = FloatVector.broadcast(F, factor);
    for (int row = 0; row < SIZE; row += 4) {
      exchangeNeighbours(target, to + row * ROW, factors);
    }
  }

  private static void exchangeHalvesAndQuarters(float[] source, int from, float[] target, int to) {
    FloatVector a = FloatVector.fromArray(F, source, from);
    FloatVector b = FloatVector.fromArray(F, source, from + 4 * ROW);
    FloatVector c = FloatVector.fromArray(F, source, from + 8 * ROW);
    FloatVector d = FloatVector.fromArray(F, source, from + 12 * ROW);
    FloatVector ac = c.rearrange(SWAP_8).blend(a, LOW_8);
    FloatVector bd = d.rearrange(SWAP_8).blend(b, LOW_8);
    FloatVector ca = c.blend(a.rearrange(SWAP_8), LOW_8);
    FloatVector db = d.blend(b.rearrange(SWAP_8), LOW_8);
    bd.rearrange(SWAP_4).blend(ac, LOW_4).intoArray(target, to);
    bd.blend(ac.rearrange(SWAP_4), LOW_4).intoArray(target, to + 4 * ROW);
    db.rearrange(SWAP_4).blend(ca, LOW_4).intoArray(target, to + 8 * ROW);
    db.blend(ca.rearrange(SWAP_4), LOW_4).intoArray(target, to + 12 * ROW);
  }

  private static void exchangeNeighbours(float[] target, int to, FloatVector factors) {
    FloatVector a = FloatVector.fromArray(F, target, to);
    FloatVector b = FloatVector.fromArray(F, target, to + ROW);
    FloatVector c = FloatVector.fromArray(F, target, to + 2 * ROW);
    FloatVector d = FloatVector.fromArray(F, target, to + 3 * ROW);
    FloatVector ac = c.rearrange(SWAP_2).blend(a, LOW_2);
    FloatVector bd = d.rearrange(SWAP_2).blend(b, LOW_2);
    FloatVector ca = c.blend(a.rearrange(SWAP_2), LOW_2);
    FloatVector db = d.blend(b.rearrange(SWAP_2), LOW_2);
    bd.rearrange(SWAP_1).blend(ac, LOW_1).mul(factors).intoArray(target, to);
    bd.blend(ac.rearrange(SWAP_1), LOW_1).mul(factors).intoArray(target, to + ROW);
    db.rearrange(SWAP_1).blend(ca, LOW_1).mul(factors).intoArray(target, to + 2 * ROW);
    db.blend(ca.rearrange(SWAP_1), LOW_1).mul(factors).intoArray(target, to + 3 * ROW);
  }
}
