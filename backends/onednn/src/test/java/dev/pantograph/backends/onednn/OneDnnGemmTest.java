package dev.pantograph.backends.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.backends.foreign.LibraryChoice;
import dev.pantograph.backends.foreign.LibrarySearch.Result;
import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneDnnGemmTest {
  private OneDnnGemm gemm;

  @BeforeEach
  void findLibrary() {
    Result result = OneDnnBackendProvider.SEARCH.open(null, OneDnn::refusal);
    assumeTrue(result instanceof Result.Found, result::toString);
    gemm = new OneDnnGemm(new OneDnn(((Result.Found) result).library()), 1);
  }

  @AfterEach
  void close() {
    if (gemm != null) {
      gemm.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F32, F32, 1, 1, 1", "F32, F32, 33, 17, 65", "F32, F32, 100, 130, 70", "F32, F32, 6, 1, 4", "F32, F32, 1, 7, 5",
    "F32, F32, 5, 6, 1", "BF16, F32, 6, 1, 4", "BF16, BF16, 6, 1, 9", "BF16, BF16, 1, 7, 5",
    "BF16, F32, 1, 1, 1", "BF16, F32, 33, 17, 65", "BF16, F32, 100, 130, 70", "BF16, F32, 3, 4, 1",
    "BF16, BF16, 33, 17, 65", "BF16, BF16, 100, 130, 70"
  })
  void multipliesAnyArrangement(DType factors, DType result, int m, int n, int k) {
    assumeTrue(gemm.multiplies(factors, result), () -> "no product of " + factors + " on this processor");
    SplittableRandom random = new SplittableRandom(m * n + k);
    try (Arena arena = Arena.ofConfined()) {
      for (boolean ta : new boolean[] {false, true}) {
        for (boolean tb : new boolean[] {false, true}) {
          for (double beta : new double[] {0, 1, -0.5}) {
            Gemm.Matrix a = matrix(arena, random, factors, m, k, ta, 3);
            Gemm.Matrix b = matrix(arena, random, factors, k, n, tb, 0);
            Gemm.Matrix out = matrix(arena, random, result, m, n, false, 5);
            double[] expected = new double[m * n];
            for (int i = 0; i < expected.length; i++) {
              double sum = 0;
              for (int l = 0; l < k; l++) {
                sum += get(a, i / n, l) * (double) get(b, l, i % n);
              }
              expected[i] = 0.75 * sum + (beta == 0 ? 0 : beta * get(out, i / n, i % n));
            }
            if (beta == 0) {
              out.memory().fill((byte) -1);
            }
            gemm.multiply(0, m, n, k, 0.75, a, b, beta, out);
            for (int i = 0; i < expected.length; i++) {
              double rounding = result == DType.BF16 ? 0x1p-8 * Math.abs(expected[i]) : 0;
              assertThat((double) get(out, i / n, i % n)).isCloseTo(expected[i], within(1e-5 * k + rounding));
            }
          }
        }
      }
    }
  }

  /** More shapes than are kept: those dropped are compiled again, and nothing refers to what was released. */
  @Test
  void shapesThatWereDroppedComeBack() {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(5);
      for (int round = 0; round < 2; round++) {
        for (int n = 1; n <= 300; n++) {
          Gemm.Matrix a = matrix(arena, random, DType.F32, 1, 2, false, 0);
          Gemm.Matrix b = matrix(arena, random, DType.F32, 2, n, false, 0);
          Gemm.Matrix out = matrix(arena, random, DType.F32, 1, n, false, 0);
          gemm.multiply(0, 1, n, 2, 1, a, b, 0, out);
          assertThat((double) get(out, 0, n - 1)).isCloseTo(
              get(a, 0, 0) * (double) get(b, 0, n - 1) + get(a, 0, 1) * (double) get(b, 1, n - 1), within(1e-6));
        }
      }
    }
  }

  @Test
  void aLibraryThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> new OneDnnBackendProvider()
        .open(new BackendOptions(1, Map.of(LibraryChoice.SETTING, "/nowhere/libdnnl.so"))).close())
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("/nowhere/libdnnl.so").hasMessageContaining("PANTOGRAPH_ONEDNN");
  }

  private static Gemm.Matrix matrix(
      Arena arena, SplittableRandom random, DType type, int rows, int columns, boolean transposed, int gap) {
    int stride = (transposed ? rows : columns) + gap;
    long elements = 1L + (long) stride * (transposed ? columns : rows);
    MemorySegment memory = arena.allocate(elements * type.bytes(), 64);
    for (long i = 0; i < elements; i++) {
      float value = (float) random.nextDouble(-1, 1);
      if (type == DType.F32) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
      } else {
        memory.setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16.fromFloat(value));
      }
    }
    return new Gemm.Matrix(memory, type.bytes(), type, transposed ? 1 : stride, transposed ? stride : 1);
  }

  private static float get(Gemm.Matrix matrix, int row, int column) {
    long at = matrix.offset() / matrix.type().bytes() + row * matrix.rowStride() + column * matrix.columnStride();
    return matrix.type() == DType.F32 ? matrix.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at)
        : Bfloat16.toFloat(matrix.memory().getAtIndex(ValueLayout.JAVA_SHORT, at));
  }
}
