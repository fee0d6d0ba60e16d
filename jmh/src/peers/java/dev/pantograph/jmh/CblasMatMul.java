package dev.pantograph.jmh;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Products by {@code cblas_sgemm} of a library with 32-bit sizes. */
final class CblasMatMul implements MatMulPeer {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  private final String name;
  private final String details;
  private final MethodHandle sgemm;
  private final MethodHandle setThreads;

  /**
   * A peer.
   *
   * @param setThreads name of the function {@code void(int)} that sets the number of threads
   */
  CblasMatMul(String name, String details, SymbolLookup library, String setThreads) {
    this.name = name;
    this.details = details;
    this.sgemm = NativeLibraries.function(library, "cblas_sgemm", FunctionDescriptor.ofVoid(
        JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
        JAVA_FLOAT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT));
    this.setThreads = NativeLibraries.function(library, setThreads, FunctionDescriptor.ofVoid(JAVA_INT));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String details() {
    return details;
  }

  @Override
  public Prepared prepare(MatMulOperands operands) {
    MatMulCase p = operands.product();
    try {
      setThreads.invokeExact(p.threads());
    } catch (Throwable e) {
      throw new IllegalStateException(name + ": setting the number of threads", e);
    }
    MemorySegment a = operands.a().segment();
    MemorySegment b = operands.b().segment();
    MemorySegment c = operands.c().segment();
    int ta = p.transposeA() ? TRANSPOSE : NO_TRANSPOSE;
    int tb = p.transposeB() ? TRANSPOSE : NO_TRANSPOSE;
    int lda = p.transposeA() ? p.m() : p.k();
    int ldb = p.transposeB() ? p.k() : p.n();
    return new Prepared() {
      @Override
      public void multiply() {
        try {
          sgemm.invokeExact(ROW_MAJOR, ta, tb, p.m(), p.n(), p.k(), 1f, a, lda, b, ldb, 0f, c, p.n());
        } catch (Throwable e) {
          throw new IllegalStateException(name + ": " + p.subject(), e);
        }
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
