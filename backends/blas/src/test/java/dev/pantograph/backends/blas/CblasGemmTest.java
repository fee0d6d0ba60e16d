package dev.pantograph.backends.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.backends.foreign.LibrarySearch.Result;
import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CblasGemmTest {
  private CblasGemm gemm;

  @BeforeEach
  void findLibrary() {
    Result result = BlasLibraries.SEARCH.open(null, library -> java.util.Optional.empty());
    assumeTrue(result instanceof Result.Found, result::toString);
    gemm = new CblasGemm(Cblas.of(((Result.Found) result).library()).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 7, 5", "6, 1, 4", "3, 4, 1", "1, 1, 9", "33, 17, 65", "100, 130, 70"})
  void multipliesAnyArrangement(int m, int n, int k) {
    SplittableRandom random = new SplittableRandom(m * n + k);
    try (Arena arena = Arena.ofConfined()) {
      for (boolean ta : new boolean[] {false, true}) {
        for (boolean tb : new boolean[] {false, true}) {
          for (double beta : new double[] {0, 1, -0.5}) {
            Gemm.Matrix a = matrix(arena, random, m, k, ta, 3);
            Gemm.Matrix b = matrix(arena, random, k, n, tb, 0);
            Gemm.Matrix out = matrix(arena, random, m, n, false, 5);
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
              assertThat((double) get(out, i / n, i % n)).isCloseTo(expected[i], within(1e-5 * k));
            }
          }
        }
      }
    }
  }

  /** Strides of dimensions that have one element may be anything: views make 1 of them. */
  @ParameterizedTest
  @CsvSource({"1, 9, 8", "9, 1, 8", "9, 8, 1"})
  void stridesThatAreNeverSteppedAlongDoNotMatter(int m, int n, int k) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(1);
      Gemm.Matrix a = unitStrides(matrix(arena, random, m, k, false, 0), m, k);
      Gemm.Matrix b = unitStrides(matrix(arena, random, k, n, false, 0), k, n);
      Gemm.Matrix out = unitStrides(matrix(arena, random, m, n, false, 0), m, n);
      gemm.multiply(0, m, n, k, 1, a, b, 0, out);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            sum += get(a, i, l) * (double) get(b, l, j);
          }
          assertThat((double) get(out, i, j)).isCloseTo(sum, within(1e-5));
        }
      }
    }
  }

  private static Gemm.Matrix unitStrides(Gemm.Matrix x, int rows, int columns) {
    return new Gemm.Matrix(x.memory(), x.offset(), x.type(), rows == 1 ? 1 : x.rowStride(),
        columns == 1 ? 1 : x.columnStride());
  }

  private static Gemm.Matrix matrix(
      Arena arena, SplittableRandom random, int rows, int columns, boolean transposed, int gap) {
    int stride = (transposed ? rows : columns) + gap;
    MemorySegment memory = arena.allocate(4L + (long) stride * (transposed ? columns : rows) * Float.BYTES, 64);
    for (long i = 0; i < memory.byteSize() / Float.BYTES; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
    }
    return new Gemm.Matrix(memory, Float.BYTES, DType.F32, transposed ? 1 : stride, transposed ? stride : 1);
  }

  private static float get(Gemm.Matrix matrix, int row, int column) {
    return matrix.memory().get(ValueLayout.JAVA_FLOAT,
        matrix.offset() + (row * matrix.rowStride() + column * matrix.columnStride()) * Float.BYTES);
  }
}
