package dev.pantograph.jmh;

import dev.pantograph.backends.blas.Cblas;
import java.lang.foreign.MemorySegment;

/**
 * Products by a CBLAS, on its own threads.
 *
 * @param name column of the table
 * @param details version and kernels chosen
 */
record CblasMatMul(String name, String details, Cblas cblas) implements MatMulPeer {

  @Override
  public Prepared prepare(MatMulOperands operands) {
    MatMulCase p = operands.product();
    cblas.setThreads(p.threads());
    MemorySegment a = operands.a().segment();
    MemorySegment b = operands.b().segment();
    MemorySegment c = operands.c().segment();
    long lda = p.transposeA() ? p.m() : p.k();
    long ldb = p.transposeB() ? p.k() : p.n();
    return new Prepared() {
      @Override
      public void multiply() {
        cblas.sgemm(p.transposeA(), p.transposeB(), p.m(), p.n(), p.k(), 1, a, lda, b, ldb, 0, c, p.n());
      }

      @Override
      public void storeResult() {
        // The library writes there.
      }

      @Override
      public void close() {
        // Nothing was taken.
      }
    };
  }

  @Override
  public void close() {
    // A library stays loaded until the process ends.
  }
}
