package dev.pantograph.backends.blas;

import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Blocks of products by a CBLAS, one thread each. */
final class CblasGemm implements Gemm {
  private final Cblas cblas;

  /** For a library that must not be called by two threads at once; else absent. */
  private final @Nullable ReentrantLock oneAtATime;

  CblasGemm(Cblas cblas) {
    this.cblas = cblas;
    this.oneAtATime = cblas.isReentrant() ? null : new ReentrantLock();
    cblas.setThreads(1);
  }

  @Override
  public boolean multiplies(DType factors, DType result) {
    return result == DType.F32
        && (factors == DType.F32 || (factors == DType.BF16 && cblas.multipliesBfloat16()));
  }

  @Override
  public void multiply(int worker, int m, int n, int k, double alpha, Matrix a, Matrix b, double beta, Matrix out) {
    if (oneAtATime == null) {
      multiply(m, n, k, (float) alpha, a, b, (float) beta, out);
      return;
    }
    oneAtATime.lock();
    try {
      multiply(m, n, k, (float) alpha, a, b, (float) beta, out);
    } finally {
      oneAtATime.unlock();
    }
  }

  private void multiply(int m, int n, int k, float alpha, Matrix a, Matrix b, float beta, Matrix out) {
    boolean ta = isTransposed(a, k);
    boolean tb = isTransposed(b, n);
    long lda = ta ? leading(a.columnStride(), m) : leading(a.rowStride(), k);
    long ldb = tb ? leading(b.columnStride(), k) : leading(b.rowStride(), n);
    long ldc = leading(out.rowStride(), n);
    if (a.type() == DType.BF16) {
      cblas.bfloat16Gemm(ta, tb, m, n, k, alpha, start(a), lda, start(b), ldb, beta, start(out), ldc);
    } else {
      cblas.sgemm(ta, tb, m, n, k, alpha, start(a), lda, start(b), ldb, beta, start(out), ldc);
    }
  }

  private static boolean isTransposed(Matrix matrix, int columns) {
    return matrix.columnStride() != 1 && columns > 1;
  }

  /** A stride that is never stepped along may be less than what libraries insist on. */
  private static long leading(long stride, int length) {
    return Math.max(stride, length);
  }

  private static MemorySegment start(Matrix matrix) {
    return matrix.memory().asSlice(matrix.offset());
  }

  @Override
  public void close() {
    // A library stays loaded until the process ends.
  }
}
