package dev.pantograph.jmh;

import dev.pantograph.backends.blas.BlasLibraries;
import dev.pantograph.backends.blas.Cblas;
import dev.pantograph.backends.foreign.ProcessEnvironment;

/** OpenBLAS. Which of its kernels it uses is fixed while it is being loaded, so a process has one. */
record OpenBlas(Cblas cblas) {
  /** The variable that overrides OpenBLAS's own recognition of the processor. */
  static final String CORE_TYPE = "OPENBLAS_CORETYPE";

  /**
   * Loads the library.
   *
   * @param coreType as {@value #CORE_TYPE} would name it; empty leaves the choice to the environment and the library
   */
  static OpenBlas open(NativeLibraries natives, String coreType) throws PeerAbsentException {
    if (!coreType.isEmpty()) {
      ProcessEnvironment.set(CORE_TYPE, coreType, true);
    }
    // Idle threads wait in a loop, by default for a tenth of a second: 2²⁴ cycles end before another's turn begins.
    ProcessEnvironment.set("OPENBLAS_THREAD_TIMEOUT", "24", false);
    return new OpenBlas(Cblas.of(natives.open(BlasLibraries.OPENBLAS)).orElseThrow());
  }

  /** The core type it uses. */
  String coreName() {
    return cblas.coreType().orElseThrow();
  }

  MatMulPeer products() {
    return new CblasMatMul("OpenBLAS", "core type in use %s; %s".formatted(coreName(), cblas.version()), cblas);
  }
}
