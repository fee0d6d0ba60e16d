package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.nvrtc.CompiledSource;
import dev.pantograph.backends.cuda.nvrtc.CubinCache;
import dev.pantograph.backends.cuda.nvrtc.CudaCompileException;
import dev.pantograph.backends.cuda.nvrtc.CudaSource;
import dev.pantograph.backends.cuda.nvrtc.Nvrtc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiler, where it is installed; no device is needed. */
class NvrtcTest {
  private static final CudaSource SCALE = new CudaSource("scale.cu", """
      extern "C" __global__ void scale(float* x, float factor, int n) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) x[i] *= factor;
      }
      """);
  private static final List<String> HOPPER = List.of("--gpu-architecture=sm_90", "--std=c++17");

  private static Nvrtc nvrtc;

  @BeforeAll
  static void find() {
    nvrtc = Requirement.of(CudaLibraries.findCompiler(Requirement.PLACES), "no NVRTC 13");
  }

  @Test
  void knowsItsVersionAndArchitectures() {
    assertThat(nvrtc.version() / 1000).isEqualTo(CudaLibraries.MAJOR);
    assertThat(nvrtc.architectures()).contains(80, 90, 100).isSorted();
  }

  @Test
  void compilesToMachineCodeThatNamesTheKernel() {
    CompiledSource compiled = nvrtc.compile(SCALE, HOPPER);
    assertThat(compiled.log()).isEmpty();
    assertThat(compiled.cubin()).startsWith(0x7f, 'E', 'L', 'F');
    assertThat(new String(compiled.cubin(), StandardCharsets.ISO_8859_1)).contains("scale");
  }

  @Test
  void includesHeadersThatAreGiven() {
    CudaSource source = new CudaSource("uses.cu", """
        #include "factor.cuh"
        extern "C" __global__ void twice(float* x) { x[threadIdx.x] *= FACTOR; }
        """, new TreeMap<>(Map.of("factor.cuh", "#define FACTOR 2.0f\n")));
    assertThat(nvrtc.compile(source, HOPPER).cubin()).isNotEmpty();
  }

  @Test
  void anErrorNamesFileOptionsAndLine() {
    CudaSource wrong = new CudaSource("wrong.cu", "extern \"C\" __global__ void k() { nothing(); }");
    assertThatThrownBy(() -> nvrtc.compile(wrong, HOPPER)).isInstanceOf(CudaCompileException.class)
        .hasMessageContainingAll("wrong.cu", "sm_90", "wrong.cu(1)", "nothing");
  }

  @Test
  void aWrongOptionIsNamed() {
    assertThatThrownBy(() -> nvrtc.compile(SCALE, List.of("--no-such-option")))
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.function()).isEqualTo("nvrtcCompileProgram"))
        .hasMessageContainingAll("nvrtcCompileProgram", "--no-such-option", "NVRTC_ERROR_INVALID_OPTION");
  }

  @Test
  void whatWasCompiledIsKept(@TempDir Path folder) throws IOException {
    CubinCache cache = new CubinCache(nvrtc, folder.resolve("cubins"));
    byte[] first = cache.cubin(SCALE, HOPPER);
    assertThat(files(folder)).hasSize(1);
    Path kept = files(folder).getFirst();
    Files.write(kept, new byte[] {1, 2, 3});
    assertThat(cache.cubin(SCALE, HOPPER)).containsExactly(1, 2, 3);
    assertThat(cache.cubin(SCALE, List.of("--gpu-architecture=sm_80"))).isNotEqualTo(first);
    assertThat(cache.cubin(new CudaSource("scale.cu", SCALE.text() + "\n"), HOPPER)).startsWith(0x7f, 'E', 'L', 'F');
    assertThat(files(folder)).hasSize(3);
  }

  @Test
  void aFolderThatCannotBeWrittenDoesNoHarm(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThat(new CubinCache(nvrtc, file).cubin(SCALE, HOPPER)).startsWith(0x7f, 'E', 'L', 'F');
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
