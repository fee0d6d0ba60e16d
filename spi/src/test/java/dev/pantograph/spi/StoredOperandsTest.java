package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.bf16;
import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.AdamW.Decay;
import dev.pantograph.spi.AdamW.Slot;
import dev.pantograph.spi.MatMul.Epilogue;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which operands may be stored in BF16, and which may not. */
class StoredOperandsTest {
  private static final View ROW = f32("row", 4);
  private static final View ROWS = f32("rows", 2);

  static Stream<Kernel> kernels() {
    View heads = f32("heads", 1, 2, 3);
    return Stream.of(
        new MatMul(half("out"), half("a"), bf16("b", 4, 4), 1, ROW, 1, half("c"),
            new Epilogue.Activation(half("preActivation"), Gelu.Form.TANH)),
        MatMul.product(half("out"), half("a"), bf16("b", 4, 4))
            .with(new Epilogue.ActivationGradient(half("preActivation"), Gelu.Form.TANH)),
        MatMul.product(half("out"), half("a"), bf16("b", 4, 4)).with(new Epilogue.RowSums(ROWS, false)),
        new Attention(head("out"), heads, head("q"), head("k"), head("v"), ROWS, 1),
        new AttentionGradient(head("dq"), head("dk"), head("dv"), head("dOut"), head("out"), heads, head("q"),
            head("k"), head("v"), ROWS, 1),
        new Norm(half("out"), f32("mean", 2), ROWS, half("x"), ROW, f32("bias", 4), 1e-5),
        new NormGradient(half("dx"), f32("dGain", 4), f32("dBias", 4), half("dOut"), half("x"), ROWS,
            f32("inverseStd", 2), ROW, true),
        new Gelu(half("out"), half("x"), Gelu.Form.EXACT),
        new GeluGradient(half("dx"), half("dOut"), half("x"), Gelu.Form.EXACT, true),
        new SwiGlu(half("out"), half("gate"), half("up")),
        new SwiGluGradient(half("dGate"), half("dUp"), half("dOut"), half("gate"), half("up"), true),
        new Embedding(bf16("out", 1, 2, 4), i32("tokens", 1, 2), bf16("table", 9, 4), half("positions"), 1),
        new EmbeddingGradient(f32("dTable", 9, 4), f32("dPositions", 2, 4), bf16("dOut", 1, 2, 4),
            i32("tokens", 1, 2), 1),
        new CrossEntropy(ROWS, half("dLogits"), half("logits"), i32("targets", 2), 1),
        new LinearCombination(half("out"), 1, half("x"), 1, half("y")),
        new Product(half("out"), half("x"), half("y"), true),
        new Sum(ROW, half("x"), 1, true),
        new Fill(half("out"), 0),
        new Copy(half("out"), f32("x", 2, 4)),
        new Copy(f32("out", 2, 4), half("x")));
  }

  private static View half(String name) {
    return bf16(name, 2, 4);
  }

  private static View head(String name) {
    return bf16(name, 1, 2, 3, 4);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void operandsMayBeBfloat16(Kernel kernel) {
    Set<DType> types = kernel.operands().stream().map(operand -> operand.view().type()).collect(Collectors.toSet());

    assertThat(types).contains(DType.BF16);
  }

  @ParameterizedTest
  @MethodSource("breaches")
  void statisticsAndStateMayNot(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    View out = half("out");
    View a = half("a");
    View b = bf16("b", 4, 4);
    View narrow = bf16("narrow", 4);
    View perRow = bf16("perRow", 2);
    String needed = ", needed type F32, which this kernel computes in";
    return Stream.of(
        new Breach("MatMul: bias is 'narrow' BF16[4]" + needed, () -> new MatMul(out, a, b, 1, narrow, 0, null)),
        new Breach("MatMul: sums is 'perRow' BF16[2]" + needed,
            () -> MatMul.product(out, a, b).with(new Epilogue.RowSums(perRow, false))),
        new Breach("Attention: logSumExp is 'lse' BF16[1, 2, 3]" + needed,
            () -> new Attention(head("out"), bf16("lse", 1, 2, 3), head("q"), head("k"), head("v"), 1)),
        new Breach("Norm: gain is 'narrow' BF16[4]" + needed,
            () -> new Norm(out, null, ROWS, a, narrow, null, 1e-5)),
        new Breach("Norm: inverseStd is 'perRow' BF16[2]" + needed,
            () -> new Norm(out, null, perRow, a, null, null, 1e-5)),
        new Breach("NormGradient: dGain is 'narrow' BF16[4]" + needed,
            () -> new NormGradient(out, narrow, null, a, half("x"), null, ROWS, null, false)),
        new Breach("EmbeddingGradient: dTable is 'table' BF16[9, 4]" + needed,
            () -> new EmbeddingGradient(bf16("table", 9, 4), null, bf16("dOut", 1, 2, 4), i32("tokens", 1, 2), 1)),
        new Breach("CrossEntropy: losses is 'perRow' BF16[2]" + needed,
            () -> new CrossEntropy(perRow, null, out, i32("targets", 2), 1)),
        new Breach("Sum: out is 'narrow' BF16[4]" + needed, () -> new Sum(narrow, out, 1, false)),
        new Breach("SquaredNorm: input is 'out' BF16[2, 4]" + needed,
            () -> new SquaredNorm(f64("norm"), List.of(out))),
        new Breach("AdamW: value is 'narrow' BF16[4]" + needed,
            () -> new Slot(narrow, ROW, f32("m", 4), f32("v", 4), 1, 0, Decay.COUPLED, 1e-8)),
        new Breach("Randomize: out is 'out' BF16[2, 4]" + needed,
            () -> new Randomize(out, new Randomize.Distribution.Normal(0, 1), 1, 1)),
        new Breach("Gelu: x is 'x' BF16[2, 4], needed type F64, which this kernel computes in",
            () -> new Gelu(f64("out", 2, 4), half("x"), Gelu.Form.EXACT)));
  }
}
