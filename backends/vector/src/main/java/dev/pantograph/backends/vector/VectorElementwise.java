package dev.pantograph.backends.vector;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The kernels whose cost is moving memory. Each reads and writes every element once, in vectors, in chunks of equal
 * size on all threads; there is no further rung to climb.
 */
final class VectorElementwise {
  /** Bytes that no cache holds. */
  private static final long LARGE_COPY = 1 << 26;
  /** Bytes from which on the runtime copies past the caches, which saves reading what is overwritten. */
  private static final long LARGE_PIECE = 1 << 22;

  /** Random numbers in float64 at a time: they stay in the second-level cache. */
  private static final int SAMPLES = 1 << 14;

  private final WorkerPool pool;
  private final ScaledSum sum;
  private final TransposingCopy transposingCopy;

  VectorElementwise(WorkerPool pool) {
    this.pool = pool;
    this.sum = new ScaledSum(pool);
    this.transposingCopy = new TransposingCopy(pool);
  }

  /** A stretch of elements with neighbouring positions. */
  @FunctionalInterface
  private interface Chunk {
    void run(long start, int length);
  }

  private void forEachChunk(View view, Chunk chunk) {
    long elements = view.elements();
    pool.run(Chunks.count(elements), (task, worker) ->
        chunk.run(Chunks.start(elements, task), Chunks.length(elements, task)));
  }

  /** {@code out = α·x + β·y}, or {@code α·x} without {@code y}. */
  void run(LinearCombination k) {
    Float32.require(k, k.out());
    View y = k.y();
    float alpha = (float) k.alpha();
    float beta = (float) k.beta();
    MemorySegment out = HostBuffer.segmentOf(k.out());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    if (y == null) {
      forEachChunk(k.out(), (start, length) ->
          Arithmetic.scale(out, at(k.out(), start), alpha, x, at(k.x(), start), length));
    } else {
      MemorySegment other = HostBuffer.segmentOf(y);
      forEachChunk(k.out(), (start, length) ->
          Arithmetic.combine(out, at(k.out(), start), alpha, x, at(k.x(), start), beta, other, at(y, start), length));
    }
  }

  /** {@code out = x·y}, or {@code out + x·y} when accumulating. */
  void run(Product k) {
    Float32.require(k, k.out());
    MemorySegment out = HostBuffer.segmentOf(k.out());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    MemorySegment y = HostBuffer.segmentOf(k.y());
    if (k.accumulate()) {
      forEachChunk(k.out(), (start, length) ->
          Arithmetic.multiplyAdd(out, at(k.out(), start), x, at(k.x(), start), y, at(k.y(), start), length));
    } else {
      forEachChunk(k.out(), (start, length) ->
          Arithmetic.multiply(out, at(k.out(), start), x, at(k.x(), start), y, at(k.y(), start), length));
    }
  }

  /** {@code out[j] = scale·Σᵢ x[i, j]}, added to {@code out} when accumulating. */
  void run(Sum k) {
    Float32.require(k, k.out());
    sum.run(k);
  }

  /** {@code out = value}, in any type. */
  void run(Fill k) {
    MemorySegment out = HostBuffer.segmentOf(k.out());
    forEachChunk(k.out(), switch (k.out().type()) {
      case F32 -> (start, length) -> Arithmetic.fill(out, at(k.out(), start), (float) k.value(), length);
      case F64 -> (start, length) -> {
        for (int i = 0; i < length; i++) {
          out.set(ValueLayout.JAVA_DOUBLE, at(k.out(), start) + (long) i * Double.BYTES, k.value());
        }
      };
      case I32 -> (start, length) -> {
        for (int i = 0; i < length; i++) {
          out.set(ValueLayout.JAVA_INT, at(k.out(), start) + (long) i * Integer.BYTES, (int) k.value());
        }
      };
      case BF16 -> (start, length) -> {
        short bits = Bfloat16.fromFloat((float) k.value());
        for (int i = 0; i < length; i++) {
          out.set(ValueLayout.JAVA_SHORT, at(k.out(), start) + (long) i * Short.BYTES, bits);
        }
      };
    });
  }

  /** {@code out = x}, strided and converted, in any type. */
  void run(Copy k) {
    MemorySegment out = HostBuffer.segmentOf(k.out());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    boolean contiguous = k.out().isContiguous() && k.x().isContiguous();
    if (contiguous && k.out().type() == k.x().type()) {
      copy(x, k.x().byteOffset(), out, k.out().byteOffset(), k.out().bytes());
    } else if (contiguous && k.x().type() == DType.BF16 && k.out().type() == DType.F32) {
      forEachChunk(k.out(), (start, length) ->
          Bfloat16Lanes.widen(x, at(k.x(), start), out, at(k.out(), start), length));
    } else if (contiguous && k.x().type() == DType.F32 && k.out().type() == DType.BF16) {
      forEachChunk(k.out(), (start, length) ->
          Bfloat16Lanes.round(x, at(k.x(), start), out, at(k.out(), start), length));
    } else if (TransposingCopy.isApplicable(k)) {
      transposingCopy.run(k);
    } else {
      new StridedCopy(k).run(pool);
    }
  }

  private void copy(MemorySegment x, long xAt, MemorySegment out, long outAt, long bytes) {
    long piece = bytes < LARGE_COPY ? Chunks.SMALLEST * (long) Float.BYTES : LARGE_PIECE;
    pool.run(Math.toIntExact(Math.ceilDiv(bytes, piece)), (task, worker) -> {
      long start = task * piece;
      MemorySegment.copy(x, xAt + start, out, outAt + start, Math.min(piece, bytes - start));
    });
  }

  /**
   * {@code out[i] = sample(seed, stream, i)}, rounded to F32.
   *
   * <p>Ladder, 2²⁴ normal numbers on two threads: one after another 8.5 ns each, rows of them in loops that the compiler
   * makes vectors of 2.3 ns.
   */
  void run(Randomize k) {
    Float32.require(k, k.out());
    MemorySegment out = HostBuffer.segmentOf(k.out());
    forEachChunk(k.out(), (start, length) -> {
      double[] samples = new double[Math.min(SAMPLES, length)];
      for (int i = 0; i < length; i += SAMPLES) {
        int count = Math.min(SAMPLES, length - i);
        k.distribution().samples(k.seed(), k.stream(), start + i, samples, count);
        round(samples, out, at(k.out(), start + i), count);
      }
    });
  }

  private static void round(double[] samples, MemorySegment out, long at, int count) {
    for (int i = 0; i < count; i++) {
      out.set(ValueLayout.JAVA_FLOAT, at + (long) i * Float.BYTES, (float) samples[i]);
    }
  }

  /** Position of an element of a contiguous view in bytes. */
  private static long at(View view, long element) {
    return view.byteOffset() + element * view.type().bytes();
  }
}
