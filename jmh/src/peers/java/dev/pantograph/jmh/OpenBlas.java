package dev.pantograph.jmh;

import java.lang.foreign.SymbolLookup;
import java.util.List;

/**
 * OpenBLAS. Which of its kernels it uses is fixed while it is being loaded, so a process has one.
 *
 * @param coreName the core type it uses
 * @param config its version and options
 */
record OpenBlas(SymbolLookup library, String coreName, String config) {
  /** The variable that overrides OpenBLAS's own recognition of the processor. */
  static final String CORE_TYPE = "OPENBLAS_CORETYPE";

  /**
   * Loads the library.
   *
   * @param coreType as {@value #CORE_TYPE} would name it; empty leaves the choice to the environment and the library
   */
  static OpenBlas open(NativeLibraries natives, String coreType) throws PeerAbsentException {
    if (!coreType.isEmpty()) {
      NativeLibraries.setEnvironment(CORE_TYPE, coreType, true);
    }
    // Idle threads wait in a loop, by default for a tenth of a second: 2²⁴ cycles end before another's turn begins.
    NativeLibraries.setEnvironment("OPENBLAS_THREAD_TIMEOUT", "24", false);
    SymbolLookup library = natives.open("org/bytedeco/openblas/" + NativeLibraries.platform(),
        List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1"));
    return new OpenBlas(library, NativeLibraries.text(library, "openblas_get_corename"),
        NativeLibraries.text(library, "openblas_get_config").strip());
  }

  MatMulPeer products() {
    return new CblasMatMul("OpenBLAS", "core type in use %s; %s".formatted(coreName, config), library,
        "openblas_set_num_threads");
  }
}
