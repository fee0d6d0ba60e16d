package dev.pantograph.backends.blas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.Platform;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The matrix products of a library with the C interface to BLAS ("Basic Linear Algebra Subprograms Technical Forum
 * Standard", 2001, appendix B), and what is asked of the library around them.
 *
 * <p>Libraries count in 32-bit ("LP64") or 64-bit integers ("ILP64"), and most do not say which. Integers are passed in
 * 64 bits here, which suits both: a processor passes each in a register or a stack slot of 64 bits, and one who expects
 * 32 reads the lower half. Only macOS packs them on the stack; there, libraries count in 32 bits.
 */
public final class Cblas {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;
  private static final int TEXT_LENGTH = 256;

  private static final boolean PACKED = Platform.current() == Platform.MACOS;

  /** Matrices are numbers: segments would cost a guard of the JVM's a call, which {@link #sgemm} leaves to callers. */
  private static final MethodHandle GEMM_64 = SharedLibrary.downcall(FunctionDescriptor.ofVoid(
      JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
      JAVA_FLOAT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GEMM_32 = SharedLibrary.downcall(FunctionDescriptor.ofVoid(
      JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
      JAVA_FLOAT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle TAKE_INTEGER = SharedLibrary.downcall(FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MethodHandle GIVE_INTEGER = SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle FILL_TEXT =
      SharedLibrary.downcall(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT));

  /** How a build of a library decorates all its names, so that two can be in one process. */
  private record Decoration(String prefix, String suffix) {
    private static final Decoration[] KNOWN = {
      new Decoration("", ""), new Decoration("", "64_"), new Decoration("", "_64"),
      new Decoration("scipy_", ""), new Decoration("scipy_", "64_")
    };

    Optional<MemorySegment> find(SharedLibrary library, String name) {
      return library.find(prefix + name + suffix);
    }
  }

  private final SharedLibrary library;
  private final Decoration decoration;
  private final BlasVendor vendor;
  private final MemorySegment sgemm;
  private final @Nullable MemorySegment bfloat16Gemm;

  private Cblas(SharedLibrary library, Decoration decoration, MemorySegment sgemm) {
    this.library = library;
    this.decoration = decoration;
    this.sgemm = sgemm;
    this.vendor = Arrays.stream(BlasVendor.values())
        .filter(v -> !v.setThreads().isEmpty() && decoration.find(library, v.setThreads()).isPresent())
        .findFirst().orElse(BlasVendor.OTHER);
    this.bfloat16Gemm = decoration.find(library, "cblas_sbgemm")
        .or(() -> decoration.find(library, "cblas_gemm_bf16bf16f32")).orElse(null);
  }

  /** The interface of a library; empty if it exports no {@code cblas_sgemm}. */
  public static Optional<Cblas> of(SharedLibrary library) {
    for (Decoration decoration : Decoration.KNOWN) {
      Optional<MemorySegment> sgemm = decoration.find(library, "cblas_sgemm");
      if (sgemm.isPresent()) {
        return Optional.of(new Cblas(library, decoration, sgemm.get()));
      }
    }
    return Optional.empty();
  }

  public SharedLibrary library() {
    return library;
  }

  public BlasVendor vendor() {
    return vendor;
  }

  /** Name and version, with what the library tells of how it was built. */
  public String version() {
    return switch (vendor) {
      case OPENBLAS -> text("openblas_get_config").orElse(vendor.label());
      case MKL -> filledText("MKL_Get_Version_String").orElse(vendor.label());
      case BLIS -> vendor.label() + text("bli_info_get_version_str").map(v -> " " + v).orElse("");
      case ACCELERATE, ARM_PL, NVPL, FLEXIBLAS, OTHER -> vendor.label();
    };
  }

  /** The processor whose kernels the library has chosen, by its own name for it; empty if it does not tell. */
  public Optional<String> coreType() {
    return text("openblas_get_corename");
  }

  /** Whether several threads may call it at once: OpenBLAS built without threads must not be. */
  boolean isReentrant() {
    return decoration.find(library, "openblas_get_parallel").map(f -> {
      try {
        return (int) GIVE_INTEGER.invokeExact(f) != 0;
      } catch (Throwable e) {
        throw ForeignCallException.of("openblas_get_parallel", e);
      }
    }).orElse(true);
  }

  /** Whether it multiplies bfloat16 to float32. */
  public boolean multipliesBfloat16() {
    return bfloat16Gemm != null;
  }

  /**
   * Sets the number of threads that later products use, for the whole process. No effect on a library that has no such
   * function.
   */
  public void setThreads(int threads) {
    // Accelerate has but two settings: 0 for as many as it likes, 1 for one.
    long value = vendor != BlasVendor.ACCELERATE ? threads : threads == 1 ? 1 : 0;
    decoration.find(library, vendor.setThreads()).ifPresent(function -> {
      try {
        TAKE_INTEGER.invokeExact(function, value);
      } catch (Throwable e) {
        throw ForeignCallException.of(vendor.setThreads(), e);
      }
    });
  }

  /**
   * {@code c = α·op(a)·op(b) + β·c} in float32, row-major; op is the transpose or nothing. The caller sees to it that
   * no thread releases the memory of the three during the call.
   *
   * @param m rows of {@code c}
   * @param n columns of {@code c}
   * @param k length of the inner products
   * @param lda elements from one row of {@code a} as stored to the next
   */
  public void sgemm(
      boolean transposeA, boolean transposeB, long m, long n, long k, float alpha, MemorySegment a, long lda,
      MemorySegment b, long ldb, float beta, MemorySegment c, long ldc) {
    gemm(sgemm, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }

  /** The same with {@code a} and {@code b} in bfloat16, {@code c} in float32. */
  void bfloat16Gemm(
      boolean transposeA, boolean transposeB, long m, long n, long k, float alpha, MemorySegment a, long lda,
      MemorySegment b, long ldb, float beta, MemorySegment c, long ldc) {
    if (bfloat16Gemm == null) {
      throw new IllegalStateException(library.name() + " has no product of bfloat16");
    }
    gemm(bfloat16Gemm, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }

  private static void gemm(
      MemorySegment function, boolean transposeA, boolean transposeB, long m, long n, long k, float alpha,
      MemorySegment a, long lda, MemorySegment b, long ldb, float beta, MemorySegment c, long ldc) {
    int ta = transposeA ? TRANSPOSE : NO_TRANSPOSE;
    int tb = transposeB ? TRANSPOSE : NO_TRANSPOSE;
    try {
      if (PACKED) {
        GEMM_32.invokeExact(function, ROW_MAJOR, ta, tb, (int) m, (int) n, (int) k,
            alpha, a.address(), (int) lda, b.address(), (int) ldb, beta, c.address(), (int) ldc);
      } else {
        GEMM_64.invokeExact(function, ROW_MAJOR, ta, tb, m, n, k,
            alpha, a.address(), lda, b.address(), ldb, beta, c.address(), ldc);
      }
    } catch (Throwable e) {
      throw ForeignCallException.of("cblas_sgemm", e);
    }
  }

  private Optional<String> text(String name) {
    return decoration.find(library, name).map(SharedLibrary::text);
  }

  private Optional<String> filledText(String name) {
    return decoration.find(library, name).map(function -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(TEXT_LENGTH);
        FILL_TEXT.invokeExact(function, text, TEXT_LENGTH - 1);
        return text.getString(0).strip();
      } catch (Throwable e) {
        throw ForeignCallException.of(name, e);
      }
    });
  }
}
