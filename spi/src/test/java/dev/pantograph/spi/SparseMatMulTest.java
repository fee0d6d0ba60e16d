package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SparseMatMulTest {
  private static final int TOKENS = 5;
  /** Three rows, four columns, six non-zeros. */
  private static final SparsePattern PATTERN = pattern(3, 4, 6);
  private static final View VALUES = f32("w", 6);
  private static final View X = f32("x", TOKENS, 4);
  private static final View Y = f32("y", TOKENS, 3);

  private static SparsePattern pattern(int rows, int columns, int nonZeros) {
    return new SparsePattern(i32("rowOffsets", rows + 1), i32("columnIndices", nonZeros),
        i32("columnOffsets", columns + 1), i32("rowIndices", nonZeros), i32("positions", nonZeros));
  }

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("SparseMatMul: out 'y' F32[5, 4], x 'x' F32[5, 4]: needed [tokens, 3] and [tokens, 4] for "
                + "pattern [3, 4] of 6 non-zeros transposed",
            () -> SparseMatMul.forward(f32("y", TOKENS, 4), X, VALUES, PATTERN, null)),
        new Breach("SparseMatMul: out 'y' F32[5, 3], x 'x' F32[5, 4]: needed [tokens, 4] and [tokens, 3] for "
                + "pattern [3, 4] of 6 non-zeros",
            () -> SparseMatMul.inputGradient(Y, X, VALUES, PATTERN, 1, false)),
        new Breach("SparseMatMul: x is 'x' F32[6, 4], needed shape [5, 4]",
            () -> SparseMatMul.forward(Y, f32("x", 6, 4), VALUES, PATTERN, null)),
        new Breach("SparseMatMul: x is 'x' F32[5, 4] strides [1, 5], needed stride 1 in the last dimension; "
                + "copy it first",
            () -> SparseMatMul.forward(Y, f32("x", 4, TOKENS).transpose(), VALUES, PATTERN, null)),
        new Breach("SparseMatMul: values is 'w' F32[7], needed shape [6]",
            () -> SparseMatMul.forward(Y, X, f32("w", 7), PATTERN, null)),
        new Breach("SparseMatMul: values is 'w' F64[6], needed type F32, which this kernel computes in",
            () -> SparseMatMul.forward(Y, X, f64("w", 6), PATTERN, null)),
        new Breach("SparseMatMul: bias is 'bias' F32[4], needed shape [3]",
            () -> SparseMatMul.forward(Y, X, VALUES, PATTERN, f32("bias", 4))),
        new Breach("SparseMatMul: out 'square' F32[5, 5] overlaps x 'square' F32[5, 5]",
            () -> inPlace()),
        new Breach("SparseMatMul: out 'rowOffsets' F32[1, 3] overlaps rowOffsets 'rowOffsets' I32[4]",
            () -> SparseMatMul.forward(Operands.f32Inside(PATTERN.rowOffsets(), 1, 3), f32("x", 1, 4), VALUES,
                PATTERN, null)),
        new Breach("SampledMatMul: dy 'x' F32[5, 4], x 'y' F32[5, 3]: needed [tokens, 3] and [tokens, 4] for "
                + "pattern [3, 4] of 6 non-zeros",
            () -> new SampledMatMul(VALUES, X, Y, PATTERN, 1, false)),
        new Breach("SampledMatMul: x is 'x' F32[6, 4], needed shape [5, 4]",
            () -> new SampledMatMul(VALUES, Y, f32("x", 6, 4), PATTERN, 1, false)),
        new Breach("SampledMatMul: out is 'w' F32[5], needed shape [6]",
            () -> new SampledMatMul(f32("w", 5), Y, X, PATTERN, 1, false)),
        new Breach("SparsePattern: rowIndices is 'rowIndices' F32[6], needed contiguous I32 of rank 1; "
                + "see SparseIndices",
            () -> new SparsePattern(PATTERN.rowOffsets(), PATTERN.columnIndices(), PATTERN.columnOffsets(),
                f32("rowIndices", 6), PATTERN.positions())),
        new Breach("SparsePattern: columnIndices 'columnIndices' I32[6], rowIndices 'rowIndices' I32[6], "
                + "positions 'positions' I32[5]: needed the same size",
            () -> new SparsePattern(PATTERN.rowOffsets(), PATTERN.columnIndices(), PATTERN.columnOffsets(),
                PATTERN.rowIndices(), i32("positions", 5))),
        new Breach("SparsePattern: rowOffsets 'rowOffsets' I32[0] and columnOffsets 'columnOffsets' I32[5], "
                + "needed one element more than rows and columns",
            () -> new SparsePattern(i32("rowOffsets", 0), PATTERN.columnIndices(), PATTERN.columnOffsets(),
                PATTERN.rowIndices(), PATTERN.positions())));
  }

  private static SparseMatMul inPlace() {
    View square = f32("square", TOKENS, 5);
    return SparseMatMul.forward(square, square, VALUES, pattern(5, 5, 6), null);
  }

  @Test
  void countsAMultiplyAddOfEachNonZeroAndToken() {
    assertThat(SparseMatMul.forward(Y, X, VALUES, PATTERN, null).flops()).isEqualTo(2 * 5 * 6);
    assertThat(SparseMatMul.inputGradient(X, Y, VALUES, PATTERN, 1, true).flops()).isEqualTo(2 * 5 * 6);
    assertThat(new SampledMatMul(VALUES, Y, X, PATTERN, 1, true).flops()).isEqualTo(2 * 5 * 6);
  }

  @Test
  void countsOneTraversalOfThePatternAndTheResultTwiceWhenAccumulating() {
    int traversal = 4 + 6;
    assertThat(SparseMatMul.forward(Y, X, VALUES, PATTERN, f32("bias", 3)).bytes())
        .isEqualTo(4 * (15 + 20 + 6 + 3 + traversal));
    assertThat(SparseMatMul.inputGradient(X, Y, VALUES, PATTERN, 1, true).bytes())
        .isEqualTo(4 * (2 * 20 + 15 + 6 + traversal));
    assertThat(new SampledMatMul(VALUES, Y, X, PATTERN, 1, false).bytes())
        .isEqualTo(4 * (6 + 15 + 20 + traversal));
    assertThat(new SampledMatMul(VALUES, Y, X, PATTERN, 1, true).bytes())
        .isEqualTo(4 * (2 * 6 + 15 + 20 + traversal));
  }

  @Test
  void namesAllItsOperands() {
    assertThat(new SparseMatMul(Y, X, VALUES, PATTERN, true, 1, f32("bias", 3), 1, f32("c", TOKENS, 3)).operands())
        .extracting(Kernel.Operand::name).containsExactly("out", "x", "values", "bias", "c", "rowOffsets",
            "columnIndices", "columnOffsets", "rowIndices", "positions");
    assertThat(SparseMatMul.inputGradient(X, Y, VALUES, PATTERN, 1, true).operands())
        .startsWith(Kernel.Operand.update("out", X)).hasSize(8);
  }

  @Test
  void knowsItsShapeAndDensity() {
    assertThat(PATTERN.rows()).isEqualTo(3);
    assertThat(PATTERN.columns()).isEqualTo(4);
    assertThat(PATTERN.density()).isEqualTo(0.5);
    assertThat(pattern(0, 4, 0).density()).isEqualTo(1);
  }
}
