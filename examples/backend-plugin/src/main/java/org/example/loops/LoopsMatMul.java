package org.example.loops;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;

/**
 * {@code out = α·(a·b + bias) + β·c}. Each row of the result is computed by one thread in one order, so the bits do not
 * depend on how many threads there are.
 */
final class LoopsMatMul {
  private static final long ROWS_PER_TASK = 8;

  private final MatMul kernel;
  private final MemorySegment a;
  private final MemorySegment b;

  LoopsMatMul(MatMul kernel) {
    this.kernel = kernel;
    // Asks every operand for its memory: one that is closed, or another backend's, ends here and nothing is written.
    kernel.operands().forEach(operand -> HostBuffer.segmentOf(operand.view()));
    this.a = HostBuffer.segmentOf(kernel.a());
    this.b = HostBuffer.segmentOf(kernel.b());
  }

  void run(ForkJoinPool workers) {
    if (kernel.out().elements() == 0) {
      return;
    }
    long rows = kernel.out().elements() / kernel.n();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (long from = 0; from < rows; from += ROWS_PER_TASK) {
      long first = from;
      long end = Math.min(rows, from + ROWS_PER_TASK);
      tasks.add(() -> {
        for (long row = first; row < end; row++) {
          multiply(row / kernel.m(), row % kernel.m());
        }
        return null;
      });
    }
    workers.invokeAllUninterruptibly(tasks).forEach(Future::resultNow);
  }

  /** Row {@code m} of matrix {@code batch}. */
  private void multiply(long batch, long m) {
    float[] sums = new float[Math.toIntExact(kernel.n())];
    long left = start(kernel.a(), batch) + m * kernel.a().stride(-2);
    long right = start(kernel.b(), batch);
    for (long k = 0; k < kernel.k(); k++) {
      float factor = a.getAtIndex(JAVA_FLOAT, left + k * kernel.a().stride(-1));
      long row = right + k * kernel.b().stride(-2);
      long step = kernel.b().stride(-1);
      for (int n = 0; n < sums.length; n++) {
        sums[n] += factor * b.getAtIndex(JAVA_FLOAT, row + n * step);
      }
    }
    store(batch, m, sums);
  }

  private void store(long batch, long m, float[] sums) {
    View out = kernel.out();
    MemorySegment target = HostBuffer.segmentOf(out);
    long place = start(out, batch) + m * out.stride(-2);
    for (int n = 0; n < sums.length; n++) {
      double bias = kernel.bias() == null ? 0 : load(kernel.bias(), kernel.bias().offset() + n);
      double value = kernel.alpha() * (sums[n] + bias);
      if (kernel.c() != null) {
        value += kernel.beta() * load(kernel.c(), start(kernel.c(), batch) + m * kernel.c().stride(-2) + n);
      }
      target.setAtIndex(JAVA_FLOAT, place + n, (float) value);
    }
  }

  private static float load(View view, long place) {
    return HostBuffer.segmentOf(view).getAtIndex(JAVA_FLOAT, place);
  }

  /** Where matrix {@code batch} of a view begins: the dimensions before the last two are its batch. */
  private static long start(View view, long batch) {
    long start = view.offset();
    for (int d = view.rank() - 3; d >= 0; d--) {
      start += batch % view.size(d) * view.stride(d);
      batch /= view.size(d);
    }
    return start;
  }
}
