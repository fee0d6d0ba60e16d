package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceMatMulTest {
  @AutoClose private final Workbench bench = new Workbench();

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void multipliesMatricesStoredEitherWay(boolean aIsStoredTransposed, boolean bIsStoredTransposed) {
    View a = aIsStoredTransposed
        ? bench.tensor(Shape.of(3, 2), 1, 4, 2, 5, 3, 6).transpose()
        : bench.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    View b = bIsStoredTransposed
        ? bench.tensor(Shape.of(2, 3), 7, 9, 11, 8, 10, 12).transpose()
        : bench.tensor(Shape.of(3, 2), 7, 8, 9, 10, 11, 12);
    View out = bench.unset(2, 2);

    bench.run(MatMul.product(out, a, b));

    assertThat(bench.values(out)).containsExactly(58, 64, 139, 154);
  }

  @Test
  void scalesProductAndBiasByAlphaAndTheAddendByBeta() {
    View a = bench.tensor(Shape.of(2, 2), 1, 2, 3, 4);
    View b = bench.tensor(Shape.of(2, 2), 5, 6, 7, 8);
    View c = bench.tensor(Shape.of(2, 2), 1, 0, 0, 1);
    View out = bench.unset(2, 2);

    bench.run(new MatMul(out, a, b, 2, bench.vector(1, -1), 3, c));

    assertThat(bench.values(out)).containsExactly(43, 42, 88, 101);
    assertThat(bench.values(c)).containsExactly(1, 0, 0, 1);
  }

  @Test
  void accumulatesWhenTheAddendIsTheResult() {
    View a = bench.tensor(Shape.of(1, 2), 1, 2);
    View b = bench.tensor(Shape.of(2, 2), 1, 0, 0, 1);
    View out = bench.tensor(Shape.of(1, 2), 10, 20);

    bench.run(MatMul.scaled(out, a, b, 0.5, true));

    assertThat(bench.values(out)).containsExactly(10.5, 21);
  }

  @Test
  void sumsTheRowsOfTheLeftFactor() {
    View a = bench.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    View sums = bench.vector(100, 200);
    MatMul product = MatMul.scaled(bench.unset(2, 1), a, bench.tensor(Shape.of(3, 1), 1, 1, 1), 2, false);

    bench.run(product.with(new MatMul.Epilogue.RowSums(sums, true)));
    assertThat(bench.values(sums)).containsExactly(112, 230);
    bench.run(product.with(new MatMul.Epilogue.RowSums(sums, false)));
    assertThat(bench.values(sums)).containsExactly(12, 30);
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void anActivationIsThatOfASeparateKernel(Gelu.Form form) {
    View a = bench.normal(2, 3);
    View b = bench.normal(3, 4);
    View z = bench.unset(2, 4);
    View fusedZ = bench.unset(2, 4);
    View out = bench.unset(2, 4);
    View fused = bench.unset(2, 4);

    bench.run(MatMul.product(z, a, b));
    bench.run(new Gelu(out, z, form));
    bench.run(MatMul.product(fused, a, b).with(new MatMul.Epilogue.Activation(fusedZ, form)));
    assertThat(bench.values(fusedZ)).isEqualTo(bench.values(z));
    assertThat(bench.values(fused)).isEqualTo(bench.values(out));

    View slopesAt = bench.normal(2, 4);
    bench.run(new GeluGradient(out, z, slopesAt, form, false));
    bench.run(MatMul.product(fused, a, b).with(new MatMul.Epilogue.ActivationGradient(slopesAt, form)));
    assertThat(bench.values(fused)).isEqualTo(bench.values(out));
  }

  @Test
  void ignoresBetaWithoutAnAddend() {
    View one = bench.tensor(Shape.of(1, 1), 1);
    View out = bench.unset(1, 1);

    bench.run(new MatMul(out, one, one, 1, null, 7, null));

    assertThat(bench.values(out)).containsExactly(1);
  }

  @Test
  void givesZeroForInnerProductsOfLengthZero() {
    View out = bench.unset(2, 2);

    bench.run(MatMul.product(out, bench.zeros(2, 0), bench.zeros(0, 2)));

    assertThat(bench.values(out)).containsOnly(0);
  }

  @Test
  void writesOnlyTheWindowOfAStridedResult() {
    View whole = bench.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    View a = bench.tensor(Shape.of(2, 1), 10, 20);
    View b = bench.tensor(Shape.of(1, 2), 1, 2);

    bench.run(MatMul.product(whole.slice(1, 1, 2), a, b));

    assertThat(bench.values(whole)).containsExactly(1, 10, 20, 4, 20, 40);
  }

  @Test
  void multipliesEachBatchElementOfInterleavedOperands() {
    View a = bench.normal(2, 4, 3, 5).permute(0, 2, 1, 3);
    View b = bench.normal(2, 6, 3, 5).permute(0, 2, 3, 1);
    View c = bench.normal(2, 4, 3, 6).permute(0, 2, 1, 3);
    View out = bench.unset(2, 4, 3, 6).permute(0, 2, 1, 3);

    bench.run(new MatMul(out, a, b, 1.5, null, -2, c));

    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        View expected = bench.unset(4, 6);
        bench.run(new MatMul(
            expected, matrix(a, i, j), matrix(b, i, j), 1.5, null, -2, matrix(c, i, j)));
        assertThat(bench.values(out.slice(0, i, 1).slice(1, j, 1))).containsExactly(bench.values(expected));
      }
    }
  }

  @Test
  void roundsASingleTimeToFloat32() {
    double tiny = 0x1p-40;
    View a = bench.tensor(DType.F32, Shape.of(1, 3), 1, tiny, -1);
    View b = bench.tensor(DType.F32, Shape.of(3, 1), 1, 1, 1);
    View out = bench.tensor(DType.F32, Shape.of(1, 1), Double.NaN);

    bench.run(MatMul.product(out, a, b));

    assertThat(bench.values(out)).containsExactly(tiny);
  }

  /** One batch element of a rank-4 operand, by itself. */
  private View matrix(View view, int i, int j) {
    double[] values = bench.values(view.slice(0, i, 1).slice(1, j, 1));
    return bench.tensor(Shape.of(view.size(-2), view.size(-1)), values);
  }
}
