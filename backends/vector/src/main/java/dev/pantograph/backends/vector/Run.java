package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * A contiguous operand as one run of float32. Parts of it are worked on in arrays filled up to whole vectors, so that
 * only the way in and out deals with incomplete ones.
 */
final class Run {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final MemorySegment segment;
  private final long start;
  private final long elements;

  Run(View view) {
    segment = HostBuffer.segmentOf(view);
    start = view.byteOffset();
    elements = view.elements();
  }

  long elements() {
    return elements;
  }

  MemorySegment segment() {
    return segment;
  }

  /** Position of an element in bytes. */
  long at(long element) {
    return start + element * Float.BYTES;
  }

  /** Copies elements {@code [from, from + n)} and fills the last vector up with {@code padding}. */
  void load(long from, int n, float padding, float[] target) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromMemorySegment(F, segment, at(from + i), ORDER).intoArray(target, i);
    }
    if (bound < n) {
      Arrays.fill(target, bound, bound + F.length(), padding);
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector.fromMemorySegment(F, segment, at(from + bound), ORDER, rest).intoArray(target, bound, rest);
    }
  }

  void store(long from, int n, float[] source) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromArray(F, source, i).intoMemorySegment(segment, at(from + i), ORDER);
    }
    if (bound < n) {
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector.fromArray(F, source, bound).intoMemorySegment(segment, at(from + bound), ORDER, rest);
    }
  }

  /** Writes {@code factor·source}. */
  void storeScaled(long from, int n, float[] source, float factor) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromArray(F, source, i).mul(factor).intoMemorySegment(segment, at(from + i), ORDER);
    }
    if (bound < n) {
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector.fromArray(F, source, bound).mul(factor).intoMemorySegment(segment, at(from + bound), ORDER, rest);
    }
  }

  /**
   * Writes, or adds if {@code add}, {@code source·other} with the same elements of another run, which may be this
   * one.
   */
  void storeProduct(long from, int n, float[] source, Run other, boolean add) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector old =
          add ? FloatVector.fromMemorySegment(F, segment, at(from + i), ORDER) : FloatVector.zero(F);
      FloatVector.fromMemorySegment(F, other.segment, other.at(from + i), ORDER)
          .fma(FloatVector.fromArray(F, source, i), old).intoMemorySegment(segment, at(from + i), ORDER);
    }
    if (bound < n) {
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector old =
          add ? FloatVector.fromMemorySegment(F, segment, at(from + bound), ORDER, rest) : FloatVector.zero(F);
      FloatVector.fromMemorySegment(F, other.segment, other.at(from + bound), ORDER, rest)
          .fma(FloatVector.fromArray(F, source, bound), old).intoMemorySegment(segment, at(from + bound), ORDER, rest);
    }
  }
}
