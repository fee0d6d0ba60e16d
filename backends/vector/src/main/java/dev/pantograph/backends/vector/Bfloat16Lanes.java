package dev.pantograph.backends.vector;

import dev.pantograph.spi.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of float32 that lie in memory as bfloat16. The Vector API has no such type: its bits are widened as shorts,
 * which is exact, and rounded as integers, by the method of {@link Bfloat16}. Positions are in bytes.
 */
final class Bfloat16Lanes {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Just below half of the last place that is kept. */
  private static final int HALF = 0x7FFF;
  /** Keeps a NaN one when the bits that make it one may be among those cut off. */
  private static final int QUIET = 1 << 22;

  private Bfloat16Lanes() {}

  /** A whole vector. */
  static FloatVector load(MemorySegment source, long at) {
    return widen(ShortVector.fromMemorySegment(SHORTS, source, at, ORDER));
  }

  /** The first {@code count} lanes; the others are zero. */
  static FloatVector load(MemorySegment source, long at, int count) {
    return widen(ShortVector.fromMemorySegment(SHORTS, source, at, ORDER, SHORTS.indexInRange(0, count)));
  }

  private static FloatVector widen(ShortVector bits) {
    return ((IntVector) bits.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
  }

  /** A whole vector, each lane rounded to nearest, ties to even. */
  static void store(FloatVector values, MemorySegment target, long at) {
    round(values).intoMemorySegment(target, at, ORDER);
  }

  /** The first {@code count} lanes. */
  static void store(FloatVector values, MemorySegment target, long at, int count) {
    round(values).intoMemorySegment(target, at, ORDER, SHORTS.indexInRange(0, count));
  }

  private static ShortVector round(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(1);
    VectorMask<Integer> nan = values.test(VectorOperators.IS_NAN).cast(INTS);
    IntVector rounded = bits.add(HALF).add(odd).blend(bits.or(QUIET), nan);
    return (ShortVector) rounded.lanewise(VectorOperators.LSHR, Short.SIZE)
        .convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  /** {@code sums[from + i] += x[i]}. */
  static void addTo(float[] sums, int from, MemorySegment x, long xAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.fromArray(FLOATS, sums, from + i).add(load(x, xAt + (long) i * Short.BYTES))
          .intoArray(sums, from + i);
    }
    if (bound < length) {
      VectorMask<Float> tail = FLOATS.indexInRange(bound, length);
      FloatVector.fromArray(FLOATS, sums, from + bound, tail)
          .add(load(x, xAt + (long) bound * Short.BYTES, length - bound)).intoArray(sums, from + bound, tail);
    }
  }

  /** {@code out = x}, from bfloat16 to float32. */
  static void widen(MemorySegment x, long xAt, MemorySegment out, long outAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      load(x, xAt + (long) i * Short.BYTES).intoMemorySegment(out, outAt + (long) i * Float.BYTES, ORDER);
    }
    if (bound < length) {
      load(x, xAt + (long) bound * Short.BYTES, length - bound)
          .intoMemorySegment(out, outAt + (long) bound * Float.BYTES, ORDER, FLOATS.indexInRange(bound, length));
    }
  }

  /** {@code out = x}, from float32 to bfloat16. */
  static void round(MemorySegment x, long xAt, MemorySegment out, long outAt, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += LANES) {
      store(FloatVector.fromMemorySegment(FLOATS, x, xAt + (long) i * Float.BYTES, ORDER), out,
          outAt + (long) i * Short.BYTES);
    }
    if (bound < length) {
      store(FloatVector.fromMemorySegment(FLOATS, x, xAt + (long) bound * Float.BYTES, ORDER,
          FLOATS.indexInRange(bound, length)), out, outAt + (long) bound * Short.BYTES, length - bound);
    }
  }
}
