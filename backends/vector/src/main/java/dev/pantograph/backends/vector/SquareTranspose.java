package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transpose of a square of one vector's length: rows a distance apart exchange the halves, then quarters and so
 * on of their vectors (Eklundh 1972). Two exchanges at a time are done on four rows in registers; between the first
 * two and the rest, the square is in memory aligned to cache lines.
 */
final class SquareTranspose {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int HALF = LANES / 2;
  private static final int QUARTER = LANES / 4;
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorShuffle<Float> SWAP_HALVES = swap(HALF);
  private static final VectorShuffle<Float> SWAP_QUARTERS = swap(QUARTER);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> LOW_HALVES = low(HALF);
  private static final VectorMask<Float> LOW_QUARTERS = low(QUARTER);
  private static final VectorMask<Float> LOW_2 = low(2);
  private static final VectorMask<Float> LOW_1 = low(1);

  private final MemorySegment middle = Arena.ofAuto().allocate((long) LANES * STEP, HostBuffer.ALIGNMENT);

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, lane -> (lane ^ distance) % LANES);
  }

  /** The lanes that stay when others come from a row below. */
  private static VectorMask<Float> low(int distance) {
    boolean[] lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & distance) == 0;
    }
    return VectorMask.fromArray(F, lanes, 0);
  }

  /** Row i of the target becomes column i of the source. Positions and strides of rows are in bytes. */
  void transpose(MemorySegment source, long from, long sourceStride, MemorySegment target, long to, long targetStride) {
    for (int row = 0; row < QUARTER; row++) {
      exchangeHalvesAndQuarters(source, from + row * sourceStride, sourceStride, (long) row * STEP);
    }
    for (int row = 0; row < LANES; row += 4) {
      switch (LANES) {
        case 16 -> exchangeFours(row, target, to + row * targetStride, targetStride);
        case 8 -> {
          exchangePair(row, target, to + row * targetStride, targetStride);
          exchangePair(row + 2, target, to + (row + 2) * targetStride, targetStride);
        }
        default -> copy(row, target, to + row * targetStride, targetStride);
      }
    }
  }

  private void exchangeHalvesAndQuarters(MemorySegment source, long from, long stride, long to) {
    FloatVector a = FloatVector.fromMemorySegment(F, source, from, ORDER);
    FloatVector b = FloatVector.fromMemorySegment(F, source, from + QUARTER * stride, ORDER);
    FloatVector c = FloatVector.fromMemorySegment(F, source, from + HALF * stride, ORDER);
    FloatVector d = FloatVector.fromMemorySegment(F, source, from + (HALF + QUARTER) * stride, ORDER);
    FloatVector ac = c.rearrange(SWAP_HALVES).blend(a, LOW_HALVES);
    FloatVector bd = d.rearrange(SWAP_HALVES).blend(b, LOW_HALVES);
    FloatVector ca = c.blend(a.rearrange(SWAP_HALVES), LOW_HALVES);
    FloatVector db = d.blend(b.rearrange(SWAP_HALVES), LOW_HALVES);
    bd.rearrange(SWAP_QUARTERS).blend(ac, LOW_QUARTERS).intoMemorySegment(middle, to, ORDER);
    bd.blend(ac.rearrange(SWAP_QUARTERS), LOW_QUARTERS).intoMemorySegment(middle, to + QUARTER * STEP, ORDER);
    db.rearrange(SWAP_QUARTERS).blend(ca, LOW_QUARTERS).intoMemorySegment(middle, to + HALF * STEP, ORDER);
    db.blend(ca.rearrange(SWAP_QUARTERS), LOW_QUARTERS)
        .intoMemorySegment(middle, to + (HALF + QUARTER) * STEP, ORDER);
  }

  private FloatVector row(int row) {
    return FloatVector.fromMemorySegment(F, middle, (long) row * STEP, ORDER);
  }

  private void exchangeFours(int row, MemorySegment target, long to, long stride) {
    FloatVector a = row(row);
    FloatVector b = row(row + 1);
    FloatVector c = row(row + 2);
    FloatVector d = row(row + 3);
    FloatVector ac = c.rearrange(SWAP_2).blend(a, LOW_2);
    FloatVector bd = d.rearrange(SWAP_2).blend(b, LOW_2);
    FloatVector ca = c.blend(a.rearrange(SWAP_2), LOW_2);
    FloatVector db = d.blend(b.rearrange(SWAP_2), LOW_2);
    bd.rearrange(SWAP_1).blend(ac, LOW_1).intoMemorySegment(target, to, ORDER);
    bd.blend(ac.rearrange(SWAP_1), LOW_1).intoMemorySegment(target, to + stride, ORDER);
    db.rearrange(SWAP_1).blend(ca, LOW_1).intoMemorySegment(target, to + 2 * stride, ORDER);
    db.blend(ca.rearrange(SWAP_1), LOW_1).intoMemorySegment(target, to + 3 * stride, ORDER);
  }

  private void exchangePair(int row, MemorySegment target, long to, long stride) {
    FloatVector a = row(row);
    FloatVector b = row(row + 1);
    b.rearrange(SWAP_1).blend(a, LOW_1).intoMemorySegment(target, to, ORDER);
    b.blend(a.rearrange(SWAP_1), LOW_1).intoMemorySegment(target, to + stride, ORDER);
  }

  private void copy(int row, MemorySegment target, long to, long stride) {
    for (int i = 0; i < 4; i++) {
      row(row + i).intoMemorySegment(target, to + i * stride, ORDER);
    }
  }
}
