package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceSparseMatMulTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-13);
  private static final int TOKENS = 5;
  private static final int ROWS = 6;
  private static final int COLUMNS = 7;

  @AutoClose private final Workbench bench = new Workbench();

  /** Row 2 and column 3 are empty. */
  private static boolean mask(int row, int column) {
    return row != 2 && column != 3 && (5 * row + 3 * column) % 4 < 2;
  }

  private final SparseIndices indices = SparseIndices.of(ROWS, COLUMNS, ReferenceSparseMatMulTest::mask);
  private final SparsePattern pattern = bench.pattern(indices);
  private final View values = bench.normal(indices.nonZeros());

  /** The weight with its zeros. */
  private View dense(View nonZeros) {
    double[] weight = new double[ROWS * COLUMNS];
    double[] compressed = bench.values(nonZeros);
    for (int row = 0; row < ROWS; row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        weight[row * COLUMNS + indices.column(i)] = compressed[i];
      }
    }
    return bench.tensor(Shape.of(ROWS, COLUMNS), weight);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isTheDenseProductWithTheWeightsZeros(boolean transposed) {
    int from = transposed ? COLUMNS : ROWS;
    int to = transposed ? ROWS : COLUMNS;
    View x = bench.normal(TOKENS, from + 2).slice(1, 1, from);
    View bias = bench.normal(to);
    View c = bench.normal(TOKENS, to);
    View out = bench.unset(TOKENS, to + 1).slice(1, 1, to);
    View expected = bench.unset(TOKENS, to);

    bench.run(new SparseMatMul(out, x, values, pattern, transposed, 1.5, bias, -2, c));
    View weight = dense(values);
    bench.run(new MatMul(expected, x, transposed ? weight.transpose() : weight, 1.5, bias, -2, c));

    assertThat(bench.values(out)).containsExactly(bench.values(expected), ROUNDING);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSampledProductIsTheDenseOneAtTheWeightsPlaces(boolean accumulate) {
    View dy = bench.normal(TOKENS, ROWS);
    View x = bench.normal(TOKENS, COLUMNS);
    View out = accumulate ? bench.normal(indices.nonZeros()) : bench.unset(indices.nonZeros());
    double[] before = bench.values(out);
    View all = bench.unset(ROWS, COLUMNS);

    bench.run(new SampledMatMul(out, dy, x, pattern, 0.5, accumulate));
    bench.run(MatMul.scaled(all, dy.transpose(), x, 0.5, false));

    double[] dense = bench.values(all);
    double[] actual = bench.values(out);
    for (int row = 0; row < ROWS; row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        assertThat(actual[i]).isCloseTo(
            dense[row * COLUMNS + indices.column(i)] + (accumulate ? before[i] : 0), ROUNDING);
      }
    }
  }

  @Test
  void withoutTokensOrNonZerosThereIsNothingToAdd() {
    SparsePattern none = bench.pattern(SparseIndices.of(2, 3, (_, _) -> false));
    View out = bench.unset(1, 2);
    bench.run(SparseMatMul.forward(out, bench.normal(1, 3), bench.zeros(0), none, bench.vector(3, 4)));
    assertThat(bench.values(out)).containsExactly(3, 4);

    View gradient = bench.unset(indices.nonZeros());
    bench.run(new SampledMatMul(gradient, bench.zeros(0, ROWS), bench.zeros(0, COLUMNS), pattern, 1, false));
    assertThat(bench.values(gradient)).containsOnly(0);
  }
}
