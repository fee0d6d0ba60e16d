package dev.pantograph.jmh;

import java.lang.foreign.SymbolLookup;
import java.util.List;

/** OpenBLAS, opened once in a process: which of its kernels it uses is fixed while it is being loaded. */
final class OpenBlas {
  /** The variable that overrides OpenBLAS's own recognition of the processor. */
  static final String CORE_TYPE = "OPENBLAS_CORETYPE";

  private OpenBlas() {}

  /**
   * Loads the library.
   *
   * @param coreType as {@value #CORE_TYPE} would name it; empty leaves the choice to the library
   */
  static CblasMatMul open(NativeLibraries natives, String coreType) throws PeerAbsentException {
    if (!coreType.isEmpty()) {
      NativeLibraries.setEnvironment(CORE_TYPE, coreType, true);
    }
    // Idle threads wait in a loop, by default for a tenth of a second: 2²⁴ cycles end before another's turn begins.
    NativeLibraries.setEnvironment("OPENBLAS_THREAD_TIMEOUT", "24", false);
    SymbolLookup library = natives.open("org/bytedeco/openblas/" + NativeLibraries.platform(),
        List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1"));
    return new CblasMatMul("OpenBLAS",
        "%s, core type in use %s".formatted(NativeLibraries.text(library, "openblas_get_config").orElse("version ?"),
            NativeLibraries.text(library, "openblas_get_corename").orElse("?")),
        library, "openblas_set_num_threads");
  }
}
