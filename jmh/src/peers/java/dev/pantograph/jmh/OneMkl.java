package dev.pantograph.jmh;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Intel oneMKL with its own OpenMP runtime. */
final class OneMkl {
  private static final String SET_THREADS = "MKL_Set_Num_Threads";
  private static final int VERSION_LENGTH = 256;

  private OneMkl() {}

  /** Loads the library. */
  static CblasMatMul open(NativeLibraries natives) throws PeerAbsentException {
    // Idle threads wait in a loop, by default for 200 ms: 5 ms end before another's turn begins.
    NativeLibraries.setEnvironment("KMP_BLOCKTIME", "5", false);
    SymbolLookup library = natives.open("org/bytedeco/mkl/" + NativeLibraries.platform(),
        List.of("libmkl_rt.so.2", "libmkl_core.so.2", "libmkl_intel_lp64.so.2", "libmkl_intel_thread.so.2",
            "libiomp5.so", "libmkl_def.so.2", "libmkl_mc3.so.2", "libmkl_avx2.so.2", "libmkl_avx512.so.2"));
    try {
      NativeLibraries.function(library, "MKL_Set_Dynamic", FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(0);
      String version = version(library);
      CblasMatMul probe = new CblasMatMul("MKL", version, library, SET_THREADS);
      try (MatMulOperands operands = new MatMulOperands(MatMulCase.square(1)); var product = probe.prepare(operands)) {
        product.multiply();
      }
      return new CblasMatMul("MKL", "%s; kernels loaded: %s".formatted(version, kernels()), library, SET_THREADS);
    } catch (Throwable e) {
      throw new PeerAbsentException("MKL was loaded but does not answer: " + e.getMessage(), e);
    }
  }

  private static String version(SymbolLookup library) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(VERSION_LENGTH);
      NativeLibraries.function(library, "MKL_Get_Version_String", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT))
          .invokeExact(text, VERSION_LENGTH - 1);
      return text.getString(0).strip();
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
