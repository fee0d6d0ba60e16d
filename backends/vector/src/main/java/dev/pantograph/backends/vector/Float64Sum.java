package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of float32 values in float64. A lane takes every n-th element and the lanes are added from first to last, so the
 * order of the additions is fixed for a given vector width.
 *
 * <p>Short sums are made of numbers: a loss is summed once a step, so it takes thousands of steps until that is
 * compiled, and as long every vector is an object.
 */
final class Float64Sum {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, FLOATS.vectorShape());
  private static final int LANES = DOUBLES.length();
  /** Brings the upper half of the lanes down. */
  private static final VectorShuffle<Float> UPPER =
      VectorShuffle.fromOp(FLOATS, lane -> (lane + LANES) % FLOATS.length());
  /** Elements of four vectors, whose additions do not wait for each other. */
  private static final int STEP = 4 * LANES;
  /** Elements of the shortest sum that is made of vectors. */
  private static final int SHORT = 1 << 13;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Float64Sum() {}

  /** {@code Σ x} over {@code length} elements from byte {@code offset} on. */
  static double of(MemorySegment memory, long offset, int length) {
    int bound = length < SHORT ? 0 : length - length % STEP;
    double sum = bound == 0 ? 0 : ofVectors(memory, offset, bound);
    for (int i = bound; i < length; i++) {
      sum += memory.get(ValueLayout.JAVA_FLOAT, offset + (long) i * Float.BYTES);
    }
    return sum;
  }

  private static double ofVectors(MemorySegment memory, long offset, int length) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = even;
    for (int i = 0; i < length; i += 2 * LANES) {
      FloatVector x = load(memory, offset, i);
      even = even.add(lower(x));
      odd = odd.add(upper(x));
    }
    return lanes(even.add(odd));
  }

  /** {@code Σ x²} over {@code length} elements from byte {@code offset} on. */
  static double ofSquares(MemorySegment memory, long offset, int length) {
    int bound = length < SHORT ? 0 : length - length % STEP;
    double sum = bound == 0 ? 0 : ofSquaredVectors(memory, offset, bound);
    for (int i = bound; i < length; i++) {
      double x = memory.get(ValueLayout.JAVA_FLOAT, offset + (long) i * Float.BYTES);
      sum = Math.fma(x, x, sum);
    }
    return sum;
  }

  private static double ofSquaredVectors(MemorySegment memory, long offset, int length) {
    DoubleVector first = DoubleVector.zero(DOUBLES);
    DoubleVector second = first;
    DoubleVector third = first;
    DoubleVector fourth = first;
    for (int i = 0; i < length; i += STEP) {
      FloatVector x = load(memory, offset, i);
      FloatVector y = load(memory, offset, i + 2 * LANES);
      DoubleVector a = lower(x);
      DoubleVector b = upper(x);
      DoubleVector c = lower(y);
      DoubleVector d = upper(y);
      first = a.fma(a, first);
      second = b.fma(b, second);
      third = c.fma(c, third);
      fourth = d.fma(d, fourth);
    }
    return lanes(first.add(second).add(third.add(fourth)));
  }

  private static FloatVector load(MemorySegment memory, long offset, int index) {
    return FloatVector.fromMemorySegment(FLOATS, memory, offset + (long) index * Float.BYTES, ORDER);
  }

  private static DoubleVector lower(FloatVector x) {
    return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  private static DoubleVector upper(FloatVector x) {
    return lower(x.rearrange(UPPER));
  }

  /** From first to last. Constant lane numbers keep the vector in its register: nothing is allocated. */
  private static double lanes(DoubleVector sums) {
    double sum = 0.0 + sums.lane(0) + sums.lane(1);
    if (LANES > 2) {
      sum = sum + sums.lane(2) + sums.lane(3);
    }
    if (LANES > 4) {
      sum = sum + sums.lane(4) + sums.lane(5) + sums.lane(6) + sums.lane(7);
    }
    return sum;
  }
}
