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

class ReductionsTest {
  private static final View X = f32("x", 4, 3);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("Sum: out is 'out' F32[4], needed a suffix of the shape of x 'x' F32[4, 3]",
            () -> new Sum(f32("out", 4), X, 1, false)),
        new Breach("Sum: x is 'x' F32[4, 3], needed type F64, which this kernel computes in",
            () -> new Sum(f64("out", 3), X, 1, false)),
        new Breach("Sum: x is 'x' F32[3, 4] strides [1, 3], needed contiguous elements; copy it first",
            () -> new Sum(f32("out", 4), X.transpose(), 1, false)),
        new Breach("Sum: out 'x' F32[3] overlaps x 'x' F32[4, 3]",
            () -> new Sum(X.slice(0, 0, 1).reshape(Shape.of(3)), X, 1, false)),
        new Breach("SquaredNorm: out is 'out' F32[], needed one F64 element",
            () -> new SquaredNorm(f32("out"), List.of(X))),
        new Breach("SquaredNorm: out is 'out' F64[2], needed one F64 element",
            () -> new SquaredNorm(f64("out", 2), List.of(X))),
        new Breach("SquaredNorm: input is 'y' F64[2], needed type F32, which this kernel computes in",
            () -> new SquaredNorm(f64("out"), List.of(X, f64("y", 2)))),
        new Breach("SquaredNorm: computes in floating-point types, found 'ids' I32[2]",
            () -> new SquaredNorm(f64("out"), List.of(i32("ids", 2)))),
        new Breach("SquaredNorm: input is 'x' F32[3, 4] strides [1, 3], needed contiguous elements; copy it first",
            () -> new SquaredNorm(f64("out"), List.of(X.transpose()))));
  }

  @Test
  void countOneAdditionPerElementAndTwoOperationsPerSquare() {
    assertThat(new Sum(f32("out", 3), X, 1, false).flops()).isEqualTo(12);
    assertThat(new SquaredNorm(f64("out"), List.of(X, f32("y", 5))).flops()).isEqualTo(2 * (12 + 5));
  }

  @Test
  void countBytesReadAndWritten() {
    assertThat(new Sum(f32("out", 3), X, 1, false).bytes()).isEqualTo(4 * (3 + 12));
    assertThat(new Sum(f32("out", 3), X, 1, true).bytes()).isEqualTo(4 * (2 * 3 + 12));
    assertThat(new SquaredNorm(f64("out"), List.of(X, f32("y", 5))).bytes()).isEqualTo(8 + 4 * (12 + 5));
  }
}
