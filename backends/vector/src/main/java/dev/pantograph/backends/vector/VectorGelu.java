package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GE;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gaussian error linear unit {@code x·Φ(x)} and its derivative {@code Φ(x) + x·φ(x)}, element by element.
 *
 * <p>The exact form takes Φ and φ from one exponential e^{−x²/2}. The tanh form uses
 * {@code ½·(1 + tanh u) = 1/(1 + e^{−2u})}: one exponential and one division, and no cancellation in the lower tail.
 */
final class VectorGelu {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final float INVERSE_SQRT_TWO_PI = 0.3989422804014327f;
  /** 2·√(2/π), and the same times 0.044715: 2u = x·(LINEAR + CUBIC·x²). */
  private static final float LINEAR = 1.5957691216057308f;

  private static final float CUBIC = 0.07135481627159286f;

  private final WorkerPool pool;

  VectorGelu(WorkerPool pool) {
    this.pool = pool;
  }

  void run(Gelu k) {
    SinglePrecision.require(k, k.out());
    MemorySegment out = HostBuffer.segmentOf(k.out());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    long outAt = k.out().byteOffset();
    long xAt = k.x().byteOffset();
    boolean exact = k.form() == Gelu.Form.EXACT;
    RowChunks chunks = RowChunks.of(k.out().elements(), 1);
    pool.run(chunks.tasks(), (task, worker) -> {
      long skip = Float.BYTES * chunks.firstRow(task);
      gelu(out, outAt + skip, x, xAt + skip, chunks.rowsOf(task), exact);
    });
  }

  void run(GeluGradient k) {
    SinglePrecision.require(k, k.dx());
    MemorySegment dx = HostBuffer.segmentOf(k.dx());
    MemorySegment dOut = HostBuffer.segmentOf(k.dOut());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    long dxAt = k.dx().byteOffset();
    long dOutAt = k.dOut().byteOffset();
    long xAt = k.x().byteOffset();
    boolean exact = k.form() == Gelu.Form.EXACT;
    boolean add = k.accumulate();
    RowChunks chunks = RowChunks.of(k.dx().elements(), 1);
    pool.run(chunks.tasks(), (task, worker) -> {
      long skip = Float.BYTES * chunks.firstRow(task);
      gradient(dx, dxAt + skip, dOut, dOutAt + skip, x, xAt + skip, chunks.rowsOf(task), exact, add);
    });
  }

  private static void gelu(MemorySegment out, long outAt, MemorySegment x, long xAt, int n, boolean exact) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector v = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER);
      (exact ? exact(v) : tanh(v)).intoMemorySegment(out, outAt + at, ORDER);
    }
    if (bound < n) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector v = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest);
      (exact ? exact(v) : tanh(v)).intoMemorySegment(out, outAt + at, ORDER, rest);
    }
  }

  private static void gradient(MemorySegment dx, long dxAt, MemorySegment dOut, long dOutAt, MemorySegment x, long xAt,
      int n, boolean exact, boolean add) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector v = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER);
      FloatVector old = add ? FloatVector.fromMemorySegment(F, dx, dxAt + at, ORDER) : FloatVector.zero(F);
      g.fma(exact ? exactSlope(v) : tanhSlope(v), old).intoMemorySegment(dx, dxAt + at, ORDER);
    }
    if (bound < n) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector v = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest);
      FloatVector g = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER, rest);
      FloatVector old = add ? FloatVector.fromMemorySegment(F, dx, dxAt + at, ORDER, rest) : FloatVector.zero(F);
      g.fma(exact ? exactSlope(v) : tanhSlope(v), old).intoMemorySegment(dx, dxAt + at, ORDER, rest);
    }
  }

  private static FloatVector exact(FloatVector x) {
    return x.mul(VectorMath.normalCdf(x, VectorMath.gaussian(x)));
  }

  /** Φ(x) + x·φ(x). */
  private static FloatVector exactSlope(FloatVector x) {
    FloatVector gaussian = VectorMath.gaussian(x);
    return x.mul(INVERSE_SQRT_TWO_PI).fma(gaussian, VectorMath.normalCdf(x, gaussian));
  }

  private static FloatVector tanh(FloatVector x) {
    FloatVector u = twiceU(x, x.mul(x));
    FloatVector e = VectorMath.exp(u.abs().neg());
    return x.mul(e.blend(1f, u.compare(GE, 0f))).div(e.add(1f));
  }

  /** With the logistic function σ of 2u: {@code σ + x·σ·(1 − σ)·(2u)′}. */
  private static FloatVector tanhSlope(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector u = twiceU(x, square);
    FloatVector e = VectorMath.exp(u.abs().neg());
    FloatVector inverse = FloatVector.broadcast(F, 1).div(e.add(1f));
    FloatVector sigma = inverse.mul(e.blend(1f, u.compare(GE, 0f)));
    FloatVector xSlope = x.mul(square.fma(FloatVector.broadcast(F, 3 * CUBIC), FloatVector.broadcast(F, LINEAR)));
    return e.mul(inverse).mul(inverse).fma(xSlope, sigma);
  }

  private static FloatVector twiceU(FloatVector x, FloatVector square) {
    return x.mul(square.fma(FloatVector.broadcast(F, CUBIC), FloatVector.broadcast(F, LINEAR)));
  }
}
