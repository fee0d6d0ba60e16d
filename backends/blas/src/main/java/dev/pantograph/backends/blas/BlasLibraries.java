package dev.pantograph.backends.blas;

import dev.pantograph.backends.foreign.LibraryJar;
import dev.pantograph.backends.foreign.LibrarySearch;
import dev.pantograph.backends.foreign.Platform;
import java.util.List;

/** Where a CBLAS is looked for. */
public final class BlasLibraries {
  /** OpenBLAS as published for the JVM, BSD licence. */
  public static final LibraryJar OPENBLAS = LibraryJar.of("org.bytedeco:openblas",
      "org/bytedeco/openblas/" + Platform.classifier(),
      switch (Platform.current()) {
        case MACOS -> List.of("libopenblas.0.dylib", "libgfortran.5.dylib", "libquadmath.0.dylib", "libgcc_s.1.1.dylib");
        case WINDOWS -> List.of("libopenblas.dll", "libgfortran-5.dll", "libquadmath-0.dll", "libgcc_s_seh-1.dll");
        case LINUX, OTHER -> List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1");
      });

  /** Intel oneMKL as published for the JVM, Intel Simplified Software License. */
  public static final LibraryJar MKL = LibraryJar.of("org.bytedeco:mkl, classifier …-redist",
      "org/bytedeco/mkl/" + Platform.classifier(),
      switch (Platform.current()) {
        case WINDOWS -> List.of("mkl_rt.2.dll", "mkl_core.2.dll", "mkl_intel_thread.2.dll", "libiomp5md.dll",
            "mkl_def.2.dll", "mkl_mc3.2.dll", "mkl_avx2.2.dll", "mkl_avx512.2.dll");
        case LINUX, MACOS, OTHER -> List.of("libmkl_rt.so.2", "libmkl_core.so.2", "libmkl_intel_lp64.so.2",
            "libmkl_intel_thread.so.2", "libiomp5.so", "libmkl_def.so.2", "libmkl_mc3.so.2", "libmkl_avx2.so.2",
            "libmkl_avx512.so.2");
      });

  static final LibrarySearch SEARCH = new LibrarySearch(
      "CBLAS", "pantograph.blas", "PANTOGRAPH_BLAS", names(), List.of(OPENBLAS, MKL));

  private BlasLibraries() {}

  private static List<String> names() {
    return switch (Platform.current()) {
      case MACOS -> List.of("/System/Library/Frameworks/Accelerate.framework/Accelerate",
          "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib");
      case WINDOWS -> List.of("libopenblas.dll", "openblas.dll", "mkl_rt.2.dll", "mkl_rt.dll", "libblis.dll");
      case LINUX, OTHER -> List.of("libopenblas.so.0", "libopenblas.so", "libopenblas64_.so.0", "libmkl_rt.so.3",
          "libmkl_rt.so.2", "libmkl_rt.so", "libnvpl_blas_lp64_seq.so.0", "libarmpl_lp64.so", "libblis.so.4",
          "libblis-mt.so.4", "libblis.so", "libflexiblas.so.3", "libcblas.so.3", "libblas.so.3", "libblas.so");
    };
  }
}
