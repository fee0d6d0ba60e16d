package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Sum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * {@code out[j] = scale·Σᵢ x[i, j]} over x [M, N]. Rows are cut into strips and columns into blocks by shape alone;
 * each task adds up the rows of one strip in float32, and the strips are added in order in float64. A sum of everything
 * (N = 1) is in float64 throughout. Sums of columns also read bfloat16 as it is stored: those of a bias's gradient.
 */
final class ScaledSum {
  /** Columns of a block: its sums stay in the first-level cache while rows stream past. */
  private static final int BLOCK = 1 << 12;

  /** Fewest rows of a strip, so that the strips' sums are few beside the elements. */
  private static final int MIN_STRIP = 32;

  private final WorkerPool pool;
  private double[] chunkSums = new double[0];
  private float[] stripSums = new float[0];

  ScaledSum(WorkerPool pool) {
    this.pool = pool;
  }

  void run(Sum k) {
    MemorySegment out = HostBuffer.segmentOf(k.out());
    MemorySegment x = HostBuffer.segmentOf(k.x());
    if (k.out().elements() == 1) {
      put(k, out, 0, total(k, x));
    } else if (k.out().elements() > 0) {
      columns(k, out, x);
    }
  }

  private double total(Sum k, MemorySegment x) {
    long elements = k.x().elements();
    int count = Chunks.count(elements);
    if (chunkSums.length < count) {
      chunkSums = new double[count];
    }
    double[] sums = chunkSums;
    pool.run(count, (chunk, worker) -> sums[chunk] = Float64Sum.of(
        x, k.x().byteOffset() + Chunks.start(elements, chunk) * Float.BYTES, Chunks.length(elements, chunk)));
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += sums[i];
    }
    return sum;
  }

  private void columns(Sum k, MemorySegment out, MemorySegment x) {
    int columns = Math.toIntExact(k.out().elements());
    int rows = Math.toIntExact(k.x().elements() / columns);
    int strip = Math.max(MIN_STRIP, Chunks.size(k.x().elements()) * 4 / Math.min(columns, BLOCK));
    int strips = Math.ceilDiv(rows, strip);
    int blocks = Math.ceilDiv(columns, BLOCK);
    int size = Math.multiplyExact(strips, columns);
    if (stripSums.length < size) {
      stripSums = new float[size];
    }
    float[] sums = stripSums;
    pool.run(Math.multiplyExact(strips, blocks), (task, worker) -> {
      int first = task % blocks * BLOCK;
      int length = Math.min(BLOCK, columns - first);
      int from = task / blocks * columns + first;
      Arrays.fill(sums, from, from + length, 0);
      int begin = task / blocks * strip;
      int end = Math.min(rows, begin + strip);
      int bytes = k.x().type().bytes();
      long at = k.x().byteOffset() + ((long) begin * columns + first) * bytes;
      if (k.x().type() == DType.BF16) {
        addStoredRows(sums, from, x, at, (long) columns * bytes, end - begin, length);
      } else {
        addRows(sums, from, x, at, (long) columns * bytes, end - begin, length);
      }
    });
    pool.run(blocks, (block, worker) -> {
      int end = Math.min(columns, (block + 1) * BLOCK);
      for (int j = block * BLOCK; j < end; j++) {
        double sum = 0;
        for (int s = 0; s < strips; s++) {
          sum += sums[s * columns + j];
        }
        put(k, out, j, sum);
      }
    });
  }

  /** Adds rows in fours, which saves three of four passes over the sums; the rest one by one. */
  private static void addRows(float[] sums, int from, MemorySegment x, long at, long rowBytes, int rows, int length) {
    int whole = Lanes.FLOATS.loopBound(length);
    int fours = rows / 4 * 4;
    for (int row = 0; row < fours; row += 4) {
      Arithmetic.addFourTo(sums, from, x, at + row * rowBytes, rowBytes, whole);
    }
    for (int row = 0; row < fours && whole < length; row++) {
      Arithmetic.addTo(sums, from + whole, x, at + row * rowBytes + (long) whole * Float.BYTES, length - whole);
    }
    for (int row = fours; row < rows; row++) {
      Arithmetic.addTo(sums, from, x, at + row * rowBytes, length);
    }
  }

  private static void addStoredRows(
      float[] sums, int from, MemorySegment x, long at, long rowBytes, int rows, int length) {
    for (int row = 0; row < rows; row++) {
      Bfloat16Lanes.addTo(sums, from, x, at + row * rowBytes, length);
    }
  }

  private static void put(Sum k, MemorySegment out, int index, double sum) {
    long at = k.out().byteOffset() + (long) index * Float.BYTES;
    double old = k.accumulate() ? out.get(ValueLayout.JAVA_FLOAT, at) : 0;
    out.set(ValueLayout.JAVA_FLOAT, at, (float) (old + k.scale() * sum));
  }
}
