package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** A {@code [B, H, T, D]} operand of attention: rows of D numbers, any distance apart. */
final class Heads {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final View view;
  private final MemorySegment segment;

  Heads(View view) {
    this.view = view;
    segment = HostBuffer.segmentOf(view);
  }

  /** A number of elements filled up to whole vectors. */
  static int padded(int elements) {
    return F.loopBound(elements + F.length() - 1);
  }

  private long rowAt(int b, int h, int t) {
    return (view.offset() + b * view.stride(0) + h * view.stride(1) + t * view.stride(2)) * Float.BYTES;
  }

  /**
   * Copies rows {@code [t, t + count)} to those from {@code row} on, and follows them by zeros up to whole tiles, so
   * that products need no special cases.
   */
  void gather(int b, int h, int t, int count, HeadRows target, int row) {
    for (int i = 0; i < count; i++) {
      long from = rowAt(b, h, t + i);
      for (int panel = 0; panel < target.panels(); panel++) {
        gather(from + (long) Float.BYTES * panel * CausalBlock.SIZE, target.columns(panel), target.data(),
            target.at(panel, row + i));
      }
    }
    target.clear(row + count, TileProduct.padded(count) - count);
  }

  private void gather(long from, int columns, float[] target, int start) {
    int bound = F.loopBound(columns);
    for (int d = 0; d < bound; d += F.length()) {
      FloatVector.fromMemorySegment(F, segment, from + (long) Float.BYTES * d, ORDER).intoArray(target, start + d);
    }
    if (bound < columns) {
      VectorMask<Float> rest = F.indexInRange(bound, columns);
      FloatVector.fromMemorySegment(F, segment, from + (long) Float.BYTES * bound, ORDER, rest)
          .intoArray(target, start + bound);
    }
  }

  /** Writes the row at t: a row of {@code source} times {@code factor}. */
  void scatter(int b, int h, int t, HeadRows source, int row, float factor) {
    long to = rowAt(b, h, t);
    for (int panel = 0; panel < source.panels(); panel++) {
      scatter(to + (long) Float.BYTES * panel * CausalBlock.SIZE, source.columns(panel), source.data(),
          source.at(panel, row), factor);
    }
  }

  private void scatter(long to, int columns, float[] source, int start, float factor) {
    int bound = F.loopBound(columns);
    for (int d = 0; d < bound; d += F.length()) {
      FloatVector.fromArray(F, source, start + d).mul(factor)
          .intoMemorySegment(segment, to + (long) Float.BYTES * d, ORDER);
    }
    if (bound < columns) {
      VectorMask<Float> rest = F.indexInRange(bound, columns);
      FloatVector.fromArray(F, source, start + bound).mul(factor)
          .intoMemorySegment(segment, to + (long) Float.BYTES * bound, ORDER, rest);
    }
  }
}
