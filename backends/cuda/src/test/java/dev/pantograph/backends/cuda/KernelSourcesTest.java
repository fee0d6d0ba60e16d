package dev.pantograph.backends.cuda;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.nvrtc.CudaSource;
import dev.pantograph.backends.cuda.nvrtc.Nvrtc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every source of kernels, by NVIDIA's compiler where it is installed; no device is needed. */
class KernelSourcesTest {
  /** The macros by which each source takes the element types of operands that may be stored in bfloat16. */
  private static final Map<String, String> STORED = Map.ofEntries(
      entry("elementwise", "OUT X Y"), entry("copy", "OUT X"), entry("sum", "X"), entry("gelu", "OUT DX D_OUT X"),
      entry("swiglu", "OUT D_GATE D_UP D_OUT GATE UP"), entry("norm", "OUT DX D_OUT X"),
      entry("embedding", "OUT TABLE POSITIONS"), entry("embedding_gradient", "D_OUT"),
      entry("cross_entropy", "LOGITS D_LOGITS"), entry("attention", "OUT Q K V"),
      entry("attention_gradient", "DQ DK DV D_OUT OUT Q K V"), entry("matmul", "OUT A B C PRE_ACTIVATION"));
  /** Likewise, where they never are. */
  private static final Map<String, String> EXACT = Map.of(
      "squared_norm", "X", "adamw", "V", "randomize", "OUT", "sparse_matmul", "V");
  private static final List<String> HEADERS = List.of("attention.cuh", "gelu.cuh", "numbers.cuh", "reduce.cuh");
  /** What the compiler says of a kernel that keeps all its numbers in registers. */
  private static final Pattern AS_IT_SHOULD_BE =
      Pattern.compile("ptxas info .*|.*\\b0 bytes spill stores, 0 bytes spill loads");

  @ParameterizedTest
  @CsvSource({"sm_80, bf16", "sm_90a, bf16", "sm_90a, float", "sm_100, bf16"})
  void compileWithoutWarningsOrSpills(String architecture, String type) {
    Nvrtc nvrtc = Requirement.of(CudaLibraries.findCompiler(Requirement.PLACES), "no NVRTC 13");
    assertThat(Stream.concat(
        STORED.entrySet().stream().map(source -> findings(nvrtc, source, architecture, type)),
        EXACT.entrySet().stream().map(source -> findings(nvrtc, source, architecture, "float")))
        .flatMap(List::stream)).isEmpty();
  }

  private static List<String> findings(
      Nvrtc nvrtc, Map.Entry<String, String> source, String architecture, String type) {
    // A row of GPT-2 is a pack for each of 96 threads.
    List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + architecture, "--std=c++17",
        "--ptxas-options=-v", "-DTHREADS=96", "-DPACKS=1"));
    for (String macro : source.getValue().split(" ", -1)) {
      options.add("-D" + macro + "=" + type);
    }
    return nvrtc.compile(read(source.getKey() + ".cu"), options).log().lines()
        .filter(line -> !line.isBlank() && !AS_IT_SHOULD_BE.matcher(line).matches())
        .map(line -> source.getKey() + ": " + line).toList();
  }

  private static CudaSource read(String file) {
    SortedMap<String, String> headers = new TreeMap<>();
    HEADERS.forEach(header -> headers.put(header, text(header)));
    return new CudaSource(file, text(file), headers);
  }

  private static String text(String file) {
    try (InputStream in = KernelSourcesTest.class.getResourceAsStream("/cuda/" + file)) {
      assertThat(in).as(file).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
