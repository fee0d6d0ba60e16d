package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which way a product takes, and that all ways come to the oracle's result. */
class MatMulKernelsTest {
  private static final String TIMING = "cuEventElapsedTime_v2";
  private static final long M = 24;
  private static final long N = 40;
  private static final long K = 16;

  /** What follows a product. */
  private enum After {
    NOTHING, GELU, EXACT_GELU, GELU_GRADIENT, ROW_SUMS
  }

  /**
   * @param factors their type
   * @param result its type
   * @param way how its explanation begins
   */
  private record Case(DType factors, DType result, boolean bias, double alpha, boolean accumulate, boolean transposed,
      After after, List<String> settings, String way) {}

  private static Case plain(DType factors, DType result, After after, String way) {
    return new Case(factors, result, false, 1, false, false, after, List.of(), way);
  }

  static Stream<Case> cases() {
    String staged = "cuBLASLt into float32";
    return Stream.of(
        plain(DType.F32, DType.F32, After.NOTHING, "cuBLASLt, epilogue DEFAULT"),
        plain(DType.BF16, DType.BF16, After.NOTHING, "cuBLASLt, epilogue DEFAULT"),
        plain(DType.BF16, DType.F32, After.NOTHING, "cuBLASLt, epilogue DEFAULT"),
        plain(DType.F32, DType.BF16, After.NOTHING, staged),
        plain(DType.F64, DType.F64, After.NOTHING, "a kernel of our own: float64"),
        plain(DType.BF16, DType.BF16, After.GELU, "cuBLASLt, epilogue GELU_AUX"),
        plain(DType.BF16, DType.BF16, After.EXACT_GELU, staged),
        plain(DType.BF16, DType.BF16, After.GELU_GRADIENT, "cuBLASLt, epilogue DGELU"),
        plain(DType.BF16, DType.F32, After.ROW_SUMS, "cuBLASLt, epilogue DEFAULT"),
        new Case(DType.F32, DType.F32, true, 1, true, true, After.NOTHING, List.of(), "cuBLASLt, epilogue BIAS"),
        new Case(DType.F32, DType.F32, true, 1, false, false, After.GELU, List.of(),
            "cuBLASLt, epilogue GELU_AUX_BIAS"),
        new Case(DType.BF16, DType.F32, true, 0.5, true, false, After.NOTHING, List.of(), staged),
        new Case(DType.BF16, DType.F32, false, 0.5, true, true, After.ROW_SUMS, List.of(),
            "cuBLASLt, epilogue DEFAULT"),
        new Case(DType.BF16, DType.BF16, true, 1, false, true, After.GELU, List.of(), staged),
        new Case(DType.BF16, DType.BF16, true, 1, false, true, After.GELU, List.of("rounded-bias", "true"),
            "cuBLASLt, epilogue GELU_AUX_BIAS"),
        new Case(DType.F32, DType.F32, false, 1, false, false, After.NOTHING, List.of("timed-search", "true"),
            "cuBLASLt, epilogue DEFAULT"));
  }

  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  /** A product on one backend, its operands filled with the same numbers on each. */
  private static final class Work implements AutoCloseable {
    private final Backend backend;
    /** The type of all operands, or absent for each its own. */
    private final @Nullable DType exact;
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<View> results = new ArrayList<>();
    private final MatMul kernel;

    Work(Backend backend, @Nullable DType exact, Case asked) {
      this.backend = backend;
      this.exact = exact;
      View out = result(asked.result(), M, N);
      View a = asked.transposed() ? operand(asked.factors(), 1, K, M).transpose() : operand(asked.factors(), 1, M, K);
      View b = operand(asked.factors(), 2, N, K).transpose();
      View bias = asked.bias() ? operand(asked.result().computed(), 3, N) : null;
      MatMul plain = new MatMul(
          out, a, b, asked.alpha(), bias, asked.accumulate() ? 2 : 0, asked.accumulate() ? out : null);
      kernel = switch (asked.after()) {
        case NOTHING -> plain;
        case GELU -> plain.with(new MatMul.Epilogue.Activation(result(asked.result(), M, N), Gelu.Form.TANH));
        case EXACT_GELU -> plain.with(new MatMul.Epilogue.Activation(result(asked.result(), M, N), Gelu.Form.EXACT));
        case GELU_GRADIENT ->
            plain.with(new MatMul.Epilogue.ActivationGradient(operand(asked.result(), 4, M, N), Gelu.Form.TANH));
        case ROW_SUMS -> plain.with(new MatMul.Epilogue.RowSums(result(asked.result().computed(), M), true));
      };
    }

    private View operand(DType type, long stream, long... sizes) {
      Shape shape = Shape.of(sizes);
      View drawn = empty(type.computed(), shape);
      // Rounded as the backend under test has it, wherever this is.
      View rounded = empty(type, shape);
      View operand = exact == null ? rounded : empty(exact, shape);
      backend.submit(new Randomize(drawn, new Randomize.Distribution.Normal(0, 0.25), 5, stream));
      backend.submit(new Copy(rounded, drawn));
      if (exact != null) {
        backend.submit(new Copy(operand, rounded));
      }
      return operand;
    }

    private View result(DType type, long... sizes) {
      View result = operand(type, 10 + results.size(), sizes);
      results.add(result);
      return result;
    }

    private View empty(DType type, Shape shape) {
      Buffer buffer = backend.allocate("operand", shape.elements() * type.bytes());
      buffers.add(buffer);
      return View.of(buffer, type, 0, shape);
    }

    List<double[]> run() {
      backend.submit(kernel);
      return results.stream().map(this::values).toList();
    }

    private double[] values(View view) {
      View wide = empty(DType.F64, view.shape());
      backend.submit(new Copy(wide, view));
      double[] values = new double[Math.toIntExact(view.elements())];
      backend.download(wide.buffer(), 0, MemorySegment.ofArray(values));
      return values;
    }

    @Override
    public void close() {
      buffers.forEach(Buffer::close);
      backend.close();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyWayAgreesWithTheOracle(Case asked) {
    Backend oracle = new ReferenceBackendProvider().open(BackendOptions.defaults());
    try (Work expected = new Work(oracle, DType.F64, asked);
        Work actual = new Work(fake.open(asked.settings().toArray(String[]::new)), null, asked)) {
      assertThat(actual.backend.explain(actual.kernel)).startsWith(asked.way());
      List<double[]> wanted = expected.run();
      List<double[]> found = actual.run();
      // One rounding of the result, and that of a bias if it is allowed, in units of a number around 1.
      double tolerance = asked.result() == DType.BF16 ? 0x1p-7 : 1e-5;
      for (int i = 0; i < wanted.size(); i++) {
        assertThat(found.get(i)).as("result %d", i).containsExactly(wanted.get(i),
            Offset.offset(tolerance));
      }
    }
  }

  @Test
  void aSearchIsKeptForTheNextProcess() throws Exception {
    Case asked = plain(DType.F32, DType.F32, After.NOTHING, "");
    Path kept = fake.cubins().resolve("products-Fake-device-130101.tsv");
    Files.deleteIfExists(kept);
    long before = fake.calls(TIMING);
    try (Work first = new Work(fake.open("timed-search", "true"), null, asked)) {
      first.run();
    }
    assertThat(kept).content().contains("rows=" + M + ", columns=" + N);
    long timings = fake.calls(TIMING);
    assertThat(timings).isGreaterThan(before);
    try (Work second = new Work(fake.open("timed-search", "true"), null, asked)) {
      second.run();
    }
    assertThat(fake.calls(TIMING)).isEqualTo(timings);
  }
}
