package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Element-wise float32 arithmetic on runs of memory. Positions are in bytes, lengths in elements. The last elements go
 * through a mask and the same operations, so a value does not depend on where in a run it lies.
 */
final class Arithmetic {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Arithmetic() {}

  /** {@code out = value}. */
  static void fill(MemorySegment out, long outAt, float value, int length) {
    FloatVector constant = FloatVector.broadcast(FLOATS, value);
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      constant.intoMemorySegment(out, outAt + (long) i * Float.BYTES, ORDER);
    }
    if (bound < length) {
      constant.intoMemorySegment(out, outAt + (long) bound * Float.BYTES, ORDER, FLOATS.indexInRange(bound, length));
    }
  }

  /** {@code out = α·x}. */
  static void scale(MemorySegment out, long outAt, float alpha, MemorySegment x, long xAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER).mul(alpha).intoMemorySegment(out, outAt + at, ORDER);
    }
    if (bound < length) {
      long at = (long) bound * Float.BYTES;
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER, tail).mul(alpha)
          .intoMemorySegment(out, outAt + at, ORDER, tail);
    }
  }

  /** {@code out = α·x + β·y}. */
  static void combine(
      MemorySegment out, long outAt, float alpha, MemorySegment x, long xAt, float beta, MemorySegment y, long yAt,
      int length) {
    FloatVector factor = FloatVector.broadcast(FLOATS, beta);
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER)
          .fma(factor, FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER).mul(alpha))
          .intoMemorySegment(out, outAt + at, ORDER);
    }
    if (bound < length) {
      long at = (long) bound * Float.BYTES;
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER, tail)
          .fma(factor, FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER, tail).mul(alpha))
          .intoMemorySegment(out, outAt + at, ORDER, tail);
    }
  }

  /** {@code out = x·y}. */
  static void multiply(
      MemorySegment out, long outAt, MemorySegment x, long xAt, MemorySegment y, long yAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER)
          .mul(FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER))
          .intoMemorySegment(out, outAt + at, ORDER);
    }
    if (bound < length) {
      long at = (long) bound * Float.BYTES;
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER, tail)
          .mul(FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER, tail))
          .intoMemorySegment(out, outAt + at, ORDER, tail);
    }
  }

  /** {@code out = out + x·y}. */
  static void multiplyAdd(
      MemorySegment out, long outAt, MemorySegment x, long xAt, MemorySegment y, long yAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER)
          .fma(FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, out, outAt + at, ORDER))
          .intoMemorySegment(out, outAt + at, ORDER);
    }
    if (bound < length) {
      long at = (long) bound * Float.BYTES;
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromMemorySegment(FLOATS, x, xAt + at, ORDER, tail)
          .fma(FloatVector.fromMemorySegment(FLOATS, y, yAt + at, ORDER, tail),
              FloatVector.fromMemorySegment(FLOATS, out, outAt + at, ORDER, tail))
          .intoMemorySegment(out, outAt + at, ORDER, tail);
    }
  }

  /** {@code sums[from + i] += (x[i] + x[i + s]) + (x[i + 2s] + x[i + 3s])} for rows s bytes apart, in whole vectors. */
  static void addFourTo(float[] sums, int from, MemorySegment x, long xAt, long rowBytes, int length) {
    for (int i = 0; i < length; i += LANES) {
      long at = xAt + (long) i * Float.BYTES;
      FloatVector first = FloatVector.fromMemorySegment(FLOATS, x, at, ORDER)
          .add(FloatVector.fromMemorySegment(FLOATS, x, at + rowBytes, ORDER));
      FloatVector second = FloatVector.fromMemorySegment(FLOATS, x, at + 2 * rowBytes, ORDER)
          .add(FloatVector.fromMemorySegment(FLOATS, x, at + 3 * rowBytes, ORDER));
      FloatVector.fromArray(FLOATS, sums, from + i).add(first.add(second)).intoArray(sums, from + i);
    }
  }

  /** {@code sums[from + i] += x[i]}. */
  static void addTo(float[] sums, int from, MemorySegment x, long xAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.fromArray(FLOATS, sums, from + i)
          .add(FloatVector.fromMemorySegment(FLOATS, x, xAt + (long) i * Float.BYTES, ORDER))
          .intoArray(sums, from + i);
    }
    if (bound < length) {
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromArray(FLOATS, sums, from + bound, tail)
          .add(FloatVector.fromMemorySegment(FLOATS, x, xAt + (long) bound * Float.BYTES, ORDER, tail))
          .intoArray(sums, from + bound, tail);
    }
  }
}
