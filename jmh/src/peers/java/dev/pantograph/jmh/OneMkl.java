package dev.pantograph.jmh;

import dev.pantograph.backends.blas.BlasLibraries;
import dev.pantograph.backends.blas.Cblas;
import dev.pantograph.backends.foreign.ProcessEnvironment;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Intel oneMKL with its own OpenMP runtime. */
final class OneMkl {
  private static final MethodHandle SET_DYNAMIC =
      SharedLibrary.downcall(FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));

  private OneMkl() {}

  /** Loads the library. */
  static CblasMatMul open(NativeLibraries natives) throws PeerAbsentException {
    // Idle threads wait in a loop, by default for 200 ms: 5 ms end before another's turn begins.
    ProcessEnvironment.set("KMP_BLOCKTIME", "5", false);
    SharedLibrary library = natives.open(BlasLibraries.MKL);
    try {
      SET_DYNAMIC.invokeExact(library.require("MKL_Set_Dynamic"), 0);
      Cblas cblas = Cblas.of(library).orElseThrow();
      CblasMatMul probe = new CblasMatMul("MKL", cblas.version(), cblas);
      try (MatMulOperands operands = new MatMulOperands(MatMulCase.square(1)); var product = probe.prepare(operands)) {
        product.multiply();
      }
      return new CblasMatMul("MKL", "%s; kernels loaded: %s".formatted(cblas.version(), kernels()), cblas);
    } catch (Throwable e) {
      throw new PeerAbsentException("MKL was loaded but does not answer: " + e.getMessage(), e);
    }
  }

  /**
   * The libraries of kernels that this process has mapped. What MKL runs on a processor of another vendor shows here
   * and nowhere in its interface: the first product loads the kernels it chose.
   */
  private static String kernels() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.isReadable(maps)) {
      return "unknown on this system";
    }
    Pattern library = Pattern.compile("libmkl_(def|mc3|avx2|avx512)\\b");
    return Files.readAllLines(maps).stream().map(library::matcher).filter(Matcher::find).map(m -> m.group(1))
        .distinct().collect(Collectors.joining(", "));
  }
}
