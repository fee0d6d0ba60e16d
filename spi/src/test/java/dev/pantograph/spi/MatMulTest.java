package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.MatMul.Epilogue;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatMulTest {
  private static final View OUT = f32("out", 2, 5);
  private static final View A = f32("a", 2, 3);
  private static final View B = f32("b", 3, 5);
  private static final MatMul PRODUCT = MatMul.product(OUT, A, B);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("MatMul: computes in floating-point types, found 'out' I32[2, 5]",
            () -> MatMul.product(i32("out", 2, 5), A, B)),
        new Breach("MatMul: a is 'a' F64[2, 3], needed type F32, which this kernel computes in, or BF16",
            () -> MatMul.product(OUT, f64("a", 2, 3), B)),
        new Breach("MatMul: out 'out' F32[2, 5], a 'a' F32[1, 2, 3], b 'b' F32[3, 5]: needed the same rank, at least 2",
            () -> MatMul.product(OUT, f32("a", 1, 2, 3), B)),
        new Breach("MatMul: inner dimensions differ: a 'a' F32[2, 3], b 'b' F32[5, 3]; is a transpose() missing?",
            () -> MatMul.product(OUT, A, f32("b", 5, 3))),
        new Breach("MatMul: out is 'out' F32[5, 2], needed [2, 5] in the last dimensions "
                + "(a 'a' F32[2, 3], b 'b' F32[3, 5])",
            () -> MatMul.product(f32("out", 5, 2), A, B)),
        new Breach("MatMul: batch dimension 0 differs: out 'out' F32[4, 2, 5], a 'a' F32[3, 2, 3], b 'b' F32[4, 3, 5]",
            () -> MatMul.product(f32("out", 4, 2, 5), f32("a", 3, 2, 3), f32("b", 4, 3, 5))),
        new Breach("MatMul: out is 'out' F32[2, 5] strides [1, 2], "
                + "needed stride 1 in the last dimension; copy it first",
            () -> MatMul.product(f32("out", 5, 2).transpose(), A, B)),
        new Breach("MatMul: a 'a' F32[2, 2, 3] strides [1, 6, 2] and b 'b' F32[2, 3, 5]: "
                + "needed stride 1 in one of the last two dimensions; copy the operand first",
            () -> MatMul.product(f32("out", 2, 2, 5), f32("a", 2, 3, 2).permute(2, 0, 1), f32("b", 2, 3, 5))),
        new Breach("MatMul: out 'out' F32[2, 2] overlaps a 'out' F32[2, 2]",
            () -> overlapping()),
        new Breach("MatMul: bias is 'bias' F32[2], needed shape [5]",
            () -> new MatMul(OUT, A, B, 1, f32("bias", 2), 0, null)),
        new Breach("MatMul: c is 'c' F32[5, 2], needed shape [2, 5]",
            () -> new MatMul(OUT, A, B, 1, null, 1, f32("c", 5, 2))),
        new Breach("MatMul: out 'whole' F32[2, 5] overlaps c 'whole' F32[2, 5]",
            () -> shiftedAddend()),
        new Breach("MatMul: preActivation is 'z' F32[5, 2], needed shape [2, 5]",
            () -> PRODUCT.with(new Epilogue.Activation(f32("z", 5, 2), Gelu.Form.EXACT))),
        new Breach("MatMul: preActivation 'out' F32[2, 5] overlaps out 'out' F32[2, 5]",
            () -> PRODUCT.with(new Epilogue.Activation(OUT, Gelu.Form.EXACT))),
        new Breach("MatMul: out 'out' F32[2, 5] overlaps preActivation 'out' F32[2, 5]",
            () -> PRODUCT.with(new Epilogue.ActivationGradient(OUT, Gelu.Form.TANH))),
        new Breach("MatMul: c beside the gradient of an activation; add it in a kernel of its own",
            () -> MatMul.scaled(OUT, A, B, 1, true)
                .with(new Epilogue.ActivationGradient(f32("z", 2, 5), Gelu.Form.TANH))),
        new Breach("MatMul: sums is 'sums' F32[5], needed shape [2]",
            () -> PRODUCT.with(new Epilogue.RowSums(f32("sums", 5), false))),
        new Breach("MatMul: out is 'out' F32[2, 0], needed columns beside row sums; use Sum",
            () -> MatMul.product(f32("out", 2, 0), A, f32("b", 3, 0))
                .with(new Epilogue.RowSums(f32("sums", 2), false))));
  }

  private static MatMul overlapping() {
    View square = f32("out", 2, 2);
    return MatMul.product(square, square, f32("b", 2, 2));
  }

  private static MatMul shiftedAddend() {
    View whole = f32("whole", 3, 5);
    return new MatMul(whole.slice(0, 0, 2), A, B, 1, null, 1, whole.slice(0, 1, 2));
  }

  @Test
  void countsAMultiplyAddAsTwo() {
    assertThat(MatMul.product(OUT, A, B).flops()).isEqualTo(2 * 2 * 5 * 3);
    assertThat(MatMul.product(f32("out", 4, 2, 5), f32("a", 4, 2, 3), f32("b", 4, 3, 5)).flops())
        .isEqualTo(4 * 2 * 2 * 5 * 3);
  }

  @Test
  void countsTheResultTwiceWhenAccumulating() {
    assertThat(MatMul.product(OUT, A, B).bytes()).isEqualTo(4 * (10 + 6 + 15));
    assertThat(MatMul.scaled(OUT, A, B, 1, true).bytes()).isEqualTo(4 * (2 * 10 + 6 + 15));
    assertThat(new MatMul(OUT, A, B, 1, f32("bias", 5), 1, f32("c", 2, 5)).bytes())
        .isEqualTo(4 * (10 + 6 + 15 + 5 + 10));
  }

  @Test
  void anEpilogueAddsItsOperandAndItsWork() {
    View z = f32("z", 2, 5);
    View sums = f32("sums", 2);
    MatMul activation = PRODUCT.with(new Epilogue.Activation(z, Gelu.Form.EXACT));
    assertThat(activation.operands()).contains(Kernel.Operand.write("preActivation", z));
    assertThat(activation.flops()).isEqualTo(PRODUCT.flops() + new Gelu(OUT, z, Gelu.Form.EXACT).flops());
    MatMul gradient = PRODUCT.with(new Epilogue.ActivationGradient(z, Gelu.Form.EXACT));
    assertThat(gradient.operands()).contains(Kernel.Operand.read("preActivation", z));
    assertThat(gradient.flops())
        .isEqualTo(PRODUCT.flops() + new GeluGradient(OUT, OUT, z, Gelu.Form.EXACT, false).flops());
    MatMul summing = PRODUCT.with(new Epilogue.RowSums(sums, true));
    assertThat(summing.operands()).contains(Kernel.Operand.update("sums", sums));
    assertThat(summing.bytes()).isEqualTo(PRODUCT.bytes() + 2 * 4 * 2);
    assertThat(summing.flops()).isEqualTo(PRODUCT.flops() + 2 * 3);
  }

  @Test
  void takesTransposesAndItsOwnResultAsAddend() {
    MatMul kernel = MatMul.scaled(OUT, f32("a", 3, 2).transpose(), f32("b", 5, 3).transpose(), 2, true);

    assertThat(List.of(kernel.m(), kernel.n(), kernel.k())).containsExactly(2L, 5L, 3L);
    assertThat(kernel.operands().getFirst()).isEqualTo(Kernel.Operand.update("out", OUT));
  }
}
