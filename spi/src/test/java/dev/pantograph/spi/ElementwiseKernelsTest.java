package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ElementwiseKernelsTest {
  private static final View OUT = f32("out", 2, 3);
  private static final View X = f32("x", 2, 3);
  private static final View Y = f32("y", 2, 3);
  private static final View WHOLE = f32("whole", 3, 3);
  private static final View UPPER = WHOLE.slice(0, 0, 2);
  private static final View LOWER = WHOLE.slice(0, 1, 2);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("Gelu: x is 'x' F32[3, 2], needed shape [2, 3]",
            () -> new Gelu(OUT, f32("x", 3, 2), Gelu.Form.EXACT)),
        new Breach("Gelu: out 'whole' F32[2, 3] overlaps x 'whole' F32[2, 3]",
            () -> new Gelu(UPPER, LOWER, Gelu.Form.EXACT)),
        new Breach("Gelu: computes in floating-point types, found 'out' I32[2]",
            () -> new Gelu(i32("out", 2), X, Gelu.Form.EXACT)),
        new Breach("GeluGradient: dOut is 'dOut' F64[2, 3], needed type F32, which this kernel computes in, or BF16",
            () -> new GeluGradient(OUT, f64("dOut", 2, 3), X, Gelu.Form.TANH, false)),
        new Breach("GeluGradient: dx 'x' F32[2, 3] overlaps x 'x' F32[2, 3]",
            () -> new GeluGradient(X, Y, X, Gelu.Form.TANH, false)),
        new Breach("GeluGradient: dx 'out' F32[2, 3] overlaps dOut 'out' F32[2, 3]",
            () -> new GeluGradient(OUT, OUT, X, Gelu.Form.TANH, true)),
        new Breach("LinearCombination: x is 'x' F32[6], needed shape [2, 3]",
            () -> new LinearCombination(OUT, 1, f32("x", 6), 0, null)),
        new Breach("LinearCombination: y is 'y' F32[2, 3] strides [1, 2], needed contiguous elements; copy it first",
            () -> new LinearCombination(OUT, 1, X, 1, f32("y", 3, 2).transpose())),
        new Breach("LinearCombination: out 'whole' F32[2, 3] overlaps y 'whole' F32[2, 3]",
            () -> new LinearCombination(UPPER, 1, X, 1, LOWER)),
        new Breach("Product: y is 'y' F32[6], needed shape [2, 3]",
            () -> new Product(OUT, X, f32("y", 6), false)),
        new Breach("Product: out 'out' F32[2, 3] overlaps x 'out' F32[2, 3]",
            () -> new Product(OUT, OUT, Y, true)),
        new Breach("Product: out 'whole' F32[2, 3] overlaps y 'whole' F32[2, 3]",
            () -> new Product(UPPER, X, LOWER, false)),
        new Breach("Fill: out is 'out' F32[3, 2] strides [1, 3], needed contiguous elements",
            () -> new Fill(OUT.transpose(), 0)),
        new Breach("Fill: out is 'out' I32[2], which cannot hold 0.5", () -> new Fill(i32("out", 2), 0.5)),
        new Breach("Fill: out is 'out' I32[2], which cannot hold 2.147483648E9",
            () -> new Fill(i32("out", 2), 0x1p31)),
        new Breach("Fill: out is 'out' I32[2], which cannot hold NaN", () -> new Fill(i32("out", 2), Double.NaN)),
        new Breach("Copy: out is 'out' F32[2, 3], x is 'x' F32[3, 2]: needed the same shape",
            () -> new Copy(OUT, f32("x", 3, 2))),
        new Breach("Copy: out is 'out' F32[2, 3], x is 'x' I32[2, 3]: no conversion between integers and reals",
            () -> new Copy(OUT, i32("x", 2, 3))),
        new Breach("Copy: out 'whole' F32[2, 3] overlaps x 'whole' F32[2, 3]",
            () -> new Copy(UPPER, LOWER)));
  }

  @Test
  void mayReplaceTheirInputs() {
    assertThat(List.of(
            new Gelu(X, X, Gelu.Form.EXACT),
            new GeluGradient(Y, Y, X, Gelu.Form.EXACT, false),
            new LinearCombination(X, 1, X, 1, X),
            new Product(X, X, X, false)))
        .allSatisfy(kernel -> assertThat(kernel.operands().getFirst().access()).isEqualTo(Kernel.Access.WRITE));
  }

  @Test
  void countOperationsOnEachElement() {
    assertThat(new LinearCombination(OUT, 2, X, 3, Y).flops()).isEqualTo(3 * 6);
    assertThat(new LinearCombination(OUT, 2, X, 3, null).flops()).isEqualTo(6);
    assertThat(new Product(OUT, X, Y, false).flops()).isEqualTo(6);
    assertThat(new Product(OUT, X, Y, true).flops()).isEqualTo(2 * 6);
  }

  @Test
  void countBytesReadAndWritten() {
    assertThat(new Product(OUT, X, Y, false).bytes()).isEqualTo(4 * 3 * 6);
    assertThat(new Product(OUT, X, Y, true).bytes()).isEqualTo(4 * 4 * 6);
    assertThat(new Copy(OUT, f64("x", 2, 3)).bytes()).isEqualTo(6 * (4 + 8));
    assertThat(new Fill(i32("out", 5), 1).bytes()).isEqualTo(4 * 5);
  }

  @Test
  void areCalledByTheirNames() {
    assertThat(new Product(OUT, X, Y, false).name()).isEqualTo("Product");
  }
}
