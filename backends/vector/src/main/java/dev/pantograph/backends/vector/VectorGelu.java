package dev.pantograph.backends.vector;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gaussian error linear unit {@code x·Φ(x)} and its derivative, element by element: either form of Φ, and the derivative
 * of either product, is a {@link SmoothStep}.
 *
 * <p>The ladder, for the exact form of 65536×768 elements on two threads, as a share of the bandwidth of a large copy:
 * an exponential and a polynomial in several loops over an array 28 %, its derivative 32 %; one quotient of polynomials
 * in one loop from memory to memory 72–76 % and 79–80 %.
 */
final class VectorGelu {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final WorkerPool pool;

  VectorGelu(WorkerPool pool) {
    this.pool = pool;
  }

  void run(Gelu k) {
    Float32.require(k, k.out());
    Run out = new Run(k.out());
    Run x = new Run(k.x());
    SmoothStep step = step(k.form());
    pool.run(Chunks.count(x.elements()), (task, worker) -> {
      long start = Chunks.start(x.elements(), task);
      forward(out, x, step, start, Chunks.length(x.elements(), task));
    });
  }

  void run(GeluGradient k) {
    Float32.require(k, k.dx());
    Run dx = new Run(k.dx());
    Run dOut = new Run(k.dOut());
    Run x = new Run(k.x());
    SmoothStep slope = slope(k.form());
    pool.run(Chunks.count(x.elements()), (task, worker) -> {
      long start = Chunks.start(x.elements(), task);
      gradient(dx, dOut, x, slope, k.accumulate(), start, Chunks.length(x.elements(), task));
    });
  }

  private static void forward(Run out, Run x, SmoothStep step, long start, int count) {
    long outAt = out.at(start);
    long xAt = x.at(start);
    int bound = F.loopBound(count);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x.segment(), xAt + (long) Float.BYTES * i, ORDER);
      step.at(v).mul(v).intoMemorySegment(out.segment(), outAt + (long) Float.BYTES * i, ORDER);
    }
    if (bound < count) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, count);
      FloatVector v = FloatVector.fromMemorySegment(F, x.segment(), xAt + at, ORDER, rest);
      step.at(v).mul(v).intoMemorySegment(out.segment(), outAt + at, ORDER, rest);
    }
  }

  /** {@code dx (+)= dOut·slope(x)}. */
  private static void gradient(Run dx, Run dOut, Run x, SmoothStep slope, boolean add, long start, int count) {
    int bound = F.loopBound(count);
    for (int i = 0; i < bound; i += F.length()) {
      long at = start + i;
      FloatVector s = slope.at(FloatVector.fromMemorySegment(F, x.segment(), x.at(at), ORDER));
      FloatVector old = add ? FloatVector.fromMemorySegment(F, dx.segment(), dx.at(at), ORDER) : FloatVector.zero(F);
      FloatVector.fromMemorySegment(F, dOut.segment(), dOut.at(at), ORDER).fma(s, old)
          .intoMemorySegment(dx.segment(), dx.at(at), ORDER);
    }
    if (bound < count) {
      gradientRest(dx, dOut, x, slope, add, start + bound, F.indexInRange(bound, count));
    }
  }

  private static void gradientRest(
      Run dx, Run dOut, Run x, SmoothStep slope, boolean add, long at, VectorMask<Float> rest) {
    FloatVector s = slope.at(FloatVector.fromMemorySegment(F, x.segment(), x.at(at), ORDER, rest));
    FloatVector old =
        add ? FloatVector.fromMemorySegment(F, dx.segment(), dx.at(at), ORDER, rest) : FloatVector.zero(F);
    FloatVector.fromMemorySegment(F, dOut.segment(), dOut.at(at), ORDER, rest).fma(s, old)
        .intoMemorySegment(dx.segment(), dx.at(at), ORDER, rest);
  }

  /** Φ. */
  static SmoothStep step(Gelu.Form form) {
    return form == Gelu.Form.EXACT ? SmoothStep.NORMAL : SmoothStep.TANH;
  }

  /** (x·Φ(x))′. */
  static SmoothStep slope(Gelu.Form form) {
    return form == Gelu.Form.EXACT ? SmoothStep.NORMAL_SLOPE : SmoothStep.TANH_SLOPE;
  }

  /**
   * Replaces the first {@code count} of {@code x} by GELU of them, with the bits of the kernel. Works in whole vectors:
   * what fills the last one up is replaced too.
   *
   * @param room for as many
   */
  static void apply(Gelu.Form form, float[] x, float[] room, int count) {
    step(form).apply(x, room, count);
    for (int i = 0; i < count; i += F.length()) {
      FloatVector.fromArray(F, room, i).mul(FloatVector.fromArray(F, x, i)).intoArray(x, i);
    }
  }
}
