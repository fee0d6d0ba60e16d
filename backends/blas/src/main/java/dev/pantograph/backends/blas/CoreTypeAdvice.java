package dev.pantograph.backends.blas;

import dev.pantograph.backends.vector.VectorBackend;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Notices a library that has chosen kernels for another processor: its products stay far below the rate of multiply-adds
 * that one thread reaches in registers.
 */
final class CoreTypeAdvice {
  /** The variable that overrides OpenBLAS's own recognition of the processor. */
  private static final String OPENBLAS_CORE_TYPE = "OPENBLAS_CORETYPE";

  /** A library with the right kernels reaches nine tenths. One whose vectors are half as long cannot reach this. */
  private static final double SUSPICIOUS = 0.6;

  private static final int SIZE = 768;
  private static final int REPETITIONS = 12;

  private CoreTypeAdvice() {}

  /** What to do, if anything. Takes about a third of a second. */
  static List<String> of(Cblas cblas) {
    double peak;
    try (VectorBackend vector = VectorBackend.withProducts("advice", 1, new CblasGemm(cblas))) {
      peak = vector.measureCeilings().flopsPerSecond();
    }
    double rate = rate(cblas);
    return rate >= SUSPICIOUS * peak ? List.of() : List.of(String.format(Locale.ROOT,
        "%s reaches %.0f GFLOP/s on one thread, %.0f %% of the %.0f that its multiply-adds allow%s. %s",
        cblas.vendor().label(), rate * 1e-9, 100 * rate / peak, peak * 1e-9,
        cblas.coreType().map(type -> ", with kernels for " + type).orElse(""),
        remedy(cblas.vendor(), System.getenv(OPENBLAS_CORE_TYPE))));
  }

  /** What would give it the right kernels. */
  static String remedy(BlasVendor vendor, @Nullable String coreType) {
    return switch (vendor) {
      case OPENBLAS -> (coreType == null ? "It takes this processor for another: set "
          : "%s=%s in the environment chose them: remove it, or set ".formatted(OPENBLAS_CORE_TYPE, coreType))
          + OPENBLAS_CORE_TYPE + "=" + suggestion();
      case MKL -> "oneMKL keeps its widest kernels for processors of its maker: use OpenBLAS, or backend 'onednn'";
      case BLIS, ACCELERATE, ARM_PL, NVPL, FLEXIBLAS, OTHER ->
          "Another library may be faster: name one in PANTOGRAPH_BLAS; backend 'vector' needs none";
    };
  }

  /** A core type of OpenBLAS with vectors as long as this processor's. */
  private static String suggestion() {
    if (System.getProperty("os.arch").equals("aarch64")) {
      return "NEOVERSEN1";
    }
    return VectorBackend.vectorBits() == 512 ? "SkylakeX" : "Haswell";
  }

  private static double rate(Cblas cblas) {
    cblas.setThreads(1);
    try (HostBuffer a = filled(); HostBuffer b = filled(); HostBuffer c = filled()) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < REPETITIONS; i++) {
        long start = System.nanoTime();
        cblas.sgemm(false, false, SIZE, SIZE, SIZE, 1, a.segment(), SIZE, b.segment(), SIZE, 0, c.segment(), SIZE);
        best = Math.min(best, System.nanoTime() - start);
      }
      return 2.0 * SIZE * SIZE * SIZE / (best * 1e-9);
    }
  }

  private static HostBuffer filled() {
    HostBuffer buffer = new HostBuffer("matrix", (long) SIZE * SIZE * Float.BYTES);
    for (long i = 0; i < (long) SIZE * SIZE; i++) {
      buffer.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 7 - 3);
    }
    return buffer;
  }
}
