package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorSparseMatMulTest {
  private static final int[] SIZES = {1, 2, 3, 7, 16, 17, 31, 64, 65, 127, 128, 131, 257};
  private static final double[] DENSITIES = {0, 0.01, 0.05, 0.1, 0.25, 0.5, 1};
  private static final float SENTINEL = -12345;

  @AutoClose private final Backend vector = new VectorBackend(2);
  @AutoClose private final Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults());
  @AutoClose private final Tensors tensors = new Tensors(42);

  /** A random pattern in which some rows and columns are empty and one row and column are full, except at density 0. */
  private static SparseIndices indices(int rows, int columns, double density, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] mask = new boolean[rows * columns];
    for (int i = 0; i < mask.length; i++) {
      int row = i / columns;
      int column = i % columns;
      mask[i] = density > 0 && row % 5 != 3 && column % 7 != 4
          && (row == rows / 2 || column == columns / 2 || random.nextDouble() < density);
    }
    return SparseIndices.of(rows, columns, (row, column) -> mask[row * columns + column]);
  }

  private SparsePattern pattern(int rows, int columns, double density, long seed) {
    SparseIndices indices = indices(rows, columns, density, seed);
    Buffer buffer = tensors.empty(DType.I32, indices.byteSize() / Integer.BYTES).buffer();
    return indices.upload(vector, buffer, 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void agreesWithTheReferenceOnRandomShapesAndOptions(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 12; round++) {
      int tokens = SIZES[random.nextInt(SIZES.length)];
      double density = DENSITIES[random.nextInt(DENSITIES.length)];
      SparsePattern pattern =
          pattern(SIZES[random.nextInt(SIZES.length)], SIZES[random.nextInt(SIZES.length)], density, seed);
      boolean transposed = random.nextBoolean();
      long from = transposed ? pattern.columns() : pattern.rows();
      long to = transposed ? pattern.rows() : pattern.columns();
      View x = random.nextBoolean() ? tensors.random(tokens, from) : tensors.random(tokens, from + 3).slice(1, 2, from);
      View out = random.nextBoolean() ? tensors.random(tokens, to) : tensors.random(tokens, to + 3).slice(1, 1, to);
      View bias = random.nextBoolean() ? tensors.random(to) : null;
      View c = switch (random.nextInt(3)) {
        case 0 -> null;
        case 1 -> out;
        default -> tensors.random(tokens, to + 1).slice(1, 0, to);
      };
      check(new SparseMatMul(out, x, tensors.random(pattern.nonZeros()), pattern, transposed,
          random.nextDouble(-2, 2), bias, random.nextDouble(-2, 2), c));
      View dy = tensors.random(tokens, pattern.rows() + 2).slice(1, 1, pattern.rows());
      View input = tensors.random(tokens, pattern.columns());
      check(new SampledMatMul(tensors.random(pattern.nonZeros()), dy, input, pattern, random.nextDouble(-2, 2),
          random.nextBoolean()));
    }
  }

  /** More columns than a block of either kind has, more rows than a task, more tiles than ranges. */
  @ParameterizedTest
  @CsvSource({"70, 40, 2100, 0.01", "70, 2500, 40, 0.01", "70, 2500, 300, 0.1", "1500, 50, 300, 0.25",
      "1, 2500, 2100, 0.005", "1031, 67, 71, 0.02"})
  void agreesWithTheReferenceBeyondOneTask(int tokens, int rows, int columns, double density) {
    SparsePattern pattern = pattern(rows, columns, density, 7);
    View values = tensors.random(pattern.nonZeros());
    View x = tensors.random(tokens, columns);
    View dy = tensors.random(tokens, rows);
    check(SparseMatMul.forward(tensors.random(tokens, rows), x, values, pattern, tensors.random(rows)));
    check(SparseMatMul.inputGradient(tensors.random(tokens, columns), dy, values, pattern, 0.5, true));
    check(new SampledMatMul(tensors.random(pattern.nonZeros()), dy, x, pattern, 0.5, true));
  }

  private void check(SparseMatMul k) {
    View result = k.out();
    double[] before = Tensors.values(result);
    reference.submit(k);
    double[] expected = Tensors.values(result);
    restore(result, before);
    vector.submit(k);
    // At most as many terms as there are columns, and the bias and the addend.
    Tolerance.ofSum(k.x().size(1) + 2, Math.abs(k.alpha()) + Math.abs(k.beta()) + 1)
        .check(k.toString(), Tensors.values(result), expected);
  }

  private void check(SampledMatMul k) {
    double[] before = Tensors.values(k.out());
    reference.submit(k);
    double[] expected = Tensors.values(k.out());
    restore(k.out(), before);
    vector.submit(k);
    Tolerance.ofSum(k.tokens() + 1, Math.abs(k.alpha()) + 1).check(k.toString(), Tensors.values(k.out()), expected);
  }

  private static void restore(View view, double[] values) {
    for (int i = 0; i < values.length; i++) {
      Tensors.set(view, i, values[i]);
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 150, 300, 0.3", "200, 300, 1100, 0.02", "3, 500, 400, 0.1", "300, 1300, 1100, 0.02"})
  void bitsDoNotDependOnTheNumberOfThreads(int tokens, int rows, int columns, double density) {
    SparsePattern pattern = pattern(rows, columns, density, 3);
    View values = tensors.random(pattern.nonZeros());
    View x = tensors.random(tokens, columns);
    View dy = tensors.random(tokens, rows);
    int[][] expected = null;
    for (int threads = 1; threads <= 3; threads++) {
      View y = tensors.filled(Double.NaN, tokens, rows);
      View dx = tensors.filled(Double.NaN, tokens, columns);
      View dw = tensors.filled(Double.NaN, pattern.nonZeros());
      try (Backend backend = new VectorBackend(threads)) {
        backend.submit(SparseMatMul.forward(y, x, values, pattern, null));
        backend.submit(SparseMatMul.inputGradient(dx, dy, values, pattern, 1, false));
        backend.submit(new SampledMatMul(dw, dy, x, pattern, 1, false));
      }
      int[][] actual = {Tensors.bits(y), Tensors.bits(dx), Tensors.bits(dw)};
      expected = expected == null ? actual : expected;
      assertThat(actual).isDeepEqualTo(expected);
    }
  }

  @Test
  void writesNothingBesideTheResult() {
    SparsePattern pattern = pattern(35, 45, 0.2, 5);
    View values = tensors.random(pattern.nonZeros());
    View around = tensors.filled(SENTINEL, 72, 39);
    View out = around.slice(0, 1, 70).slice(1, 2, 35);
    vector.submit(SparseMatMul.forward(out, tensors.random(70, 45), values, pattern, null));
    assertThat(Tensors.values(out)).doesNotContain(SENTINEL);
    for (View outside : new View[] {
      around.slice(0, 0, 1), around.slice(0, 71, 1), around.slice(1, 0, 2), around.slice(1, 37, 2)}) {
      assertThat(Tensors.values(outside)).containsOnly(SENTINEL);
    }
  }

  /** What a tile holds beyond the last token must not reach a sum over tokens. */
  @Test
  void tokensThatAreNotThereAddNothing() {
    SparsePattern pattern = pattern(20, 30, 0.5, 9);
    View dw = tensors.random(pattern.nonZeros());
    vector.submit(new SampledMatMul(dw, tensors.filled(Double.POSITIVE_INFINITY, 64, 20),
        tensors.filled(Double.NaN, 64, 30), pattern, 1, false));
    check(new SampledMatMul(dw, tensors.random(3, 20), tensors.random(3, 30), pattern, 1, false));
  }

  @Test
  void aNewTopologyIsAnotherPattern() {
    View x = tensors.random(10, 30);
    View out = tensors.random(10, 20);
    for (int seed = 0; seed < 3; seed++) {
      SparsePattern pattern = pattern(20, 30, 0.3, seed);
      check(SparseMatMul.forward(out, x, tensors.random(pattern.nonZeros()), pattern, null));
    }
  }

  @Test
  void explainsWhichWayItTakes() {
    assertThat(explanation(1)).isEqualTo("dense, for 0.685 of the weights are there, more than 0.40");
    assertThat(explanation(0.4)).startsWith("sparse in blocks of 64 columns, of which a row has 1");
    assertThat(explanation(0.25)).startsWith("sparse in blocks of 128 columns, of which a row has 2");
    assertThat(explanation(0.08)).startsWith("sparse in blocks of 256 columns");
    assertThat(explanation(0.01)).startsWith("sparse in blocks of 1024 columns");
    assertThat(vector.explain(new Fill(tensors.random(1), 0))).isEmpty();
  }

  private String explanation(double density) {
    SparsePattern pattern = pattern(200, 300, density, 1);
    SampledMatMul kernel = new SampledMatMul(tensors.random(pattern.nonZeros()), tensors.random(1, 200),
        tensors.random(1, 300), pattern, 1, false);
    return vector.explain(kernel);
  }

  @Test
  void refusesFloat64BeforeWriting() {
    SparsePattern pattern = pattern(4, 5, 0.5, 1);
    SampledMatMul kernel = new SampledMatMul(tensors.empty(DType.F64, pattern.nonZeros()),
        tensors.empty(DType.F64, 2, 4), tensors.empty(DType.F64, 2, 5), pattern, 1, false);
    assertThatThrownBy(() -> vector.submit(kernel)).isInstanceOf(KernelException.class)
        .hasMessageContaining("SampledMatMul").hasMessageContaining("vector").hasMessageContaining("F64");
  }
}
