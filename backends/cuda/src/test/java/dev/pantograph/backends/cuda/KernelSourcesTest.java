package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.nvrtc.CudaSource;
import dev.pantograph.backends.cuda.nvrtc.Nvrtc;
import dev.pantograph.spi.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every source of kernels, by NVIDIA's compiler where it is installed; no device is needed. */
class KernelSourcesTest {
  /** What is never stored in bfloat16. */
  private static final Set<Source> EXACT =
      EnumSet.of(Source.SQUARED_NORM, Source.ADAMW, Source.RANDOMIZE, Source.SPARSE);
  private static final List<String> HEADERS = List.of("attention.cuh", "gelu.cuh", "numbers.cuh", "reduce.cuh");
  /** What the compiler says of a kernel that keeps all its numbers in registers. */
  private static final Pattern AS_IT_SHOULD_BE =
      Pattern.compile("ptxas info .*|.*\\b0 bytes spill stores, 0 bytes spill loads");

  @ParameterizedTest
  @CsvSource({"sm_80, BF16", "sm_90a, BF16", "sm_90a, F32", "sm_100, BF16"})
  void compileWithoutWarningsOrSpills(String architecture, DType type) {
    Nvrtc nvrtc = Requirement.of(CudaLibraries.findCompiler(Requirement.PLACES), "no NVRTC 13");
    assertThat(Stream.of(Source.values())
        .flatMap(source -> findings(nvrtc, source, architecture, EXACT.contains(source) ? DType.F32 : type))).isEmpty();
  }

  private static Stream<String> findings(Nvrtc nvrtc, Source source, String architecture, DType type) {
    // A row of GPT-2 is a pack for each of 96 threads.
    List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + architecture, "--std=c++17",
        "--ptxas-options=-v", "-DTHREADS=96", "-DPACKS=1"));
    options.addAll(source.options(Collections.nCopies(source.operands(), type)));
    return nvrtc.compile(read(source.file()), options).log().lines()
        .filter(line -> !line.isBlank() && !AS_IT_SHOULD_BE.matcher(line).matches())
        .map(line -> source + ": " + line);
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
