package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
import static dev.pantograph.spi.Operands.f64;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SwiGluTest {
  private static final View OUT = f32("out", 3, 5);
  private static final View BOTH = f32("both", 3, 10);
  private static final View GATE = BOTH.slice(1, 0, 5);
  private static final View UP = BOTH.slice(1, 5, 5);
  private static final View UP_ALONE = f32("up", 3, 5);
  private static final View D_OUT = f32("dOut", 3, 5);
  private static final View D_BOTH = f32("dBoth", 3, 10);
  private static final View D_GATE = D_BOTH.slice(1, 0, 5);
  private static final View D_UP = D_BOTH.slice(1, 5, 5);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("SwiGlu: out is 'out' F32[5], needed rank 2", () -> new SwiGlu(f32("out", 5), GATE, UP)),
        new Breach("SwiGlu: gate is 'both' F32[3, 10], needed shape [3, 5]", () -> new SwiGlu(OUT, BOTH, UP)),
        new Breach("SwiGlu: up is 'up' F64[3, 5], needed type F32, which this kernel computes in, or BF16",
            () -> new SwiGlu(OUT, GATE, f64("up", 3, 5))),
        new Breach("SwiGlu: up is 'up' F32[3, 5] strides [1, 3], needed stride 1 in the last dimension; copy it first",
            () -> new SwiGlu(OUT, GATE, f32("up", 5, 3).transpose())),
        new Breach("SwiGlu: out 'both' F32[3, 5] strides [10, 1] overlaps gate 'both' F32[3, 5] strides [10, 1]",
            () -> new SwiGlu(GATE, GATE, UP)),
        new Breach("SwiGlu: out 'up' F32[3, 5] overlaps up 'up' F32[3, 5]",
            () -> new SwiGlu(f32Inside(UP_ALONE, 3, 5), GATE, UP_ALONE)),
        new Breach("SwiGluGradient: dUp is 'dUp' F32[5, 3], needed shape [3, 5]",
            () -> new SwiGluGradient(D_GATE, f32("dUp", 5, 3), D_OUT, GATE, UP, false)),
        new Breach("SwiGluGradient: dOut is 'dOut' F32[3, 4], needed shape [3, 5]",
            () -> new SwiGluGradient(D_GATE, D_UP, f32("dOut", 3, 4), GATE, UP, false)),
        new Breach("SwiGluGradient: dGate 'dBoth' F32[3, 5] strides [10, 1] overlaps dUp 'dBoth' F32[3, 5] strides "
            + "[10, 1]", () -> new SwiGluGradient(D_GATE, D_BOTH.slice(1, 4, 5), D_OUT, GATE, UP, false)),
        new Breach("SwiGluGradient: dGate 'dOut' F32[3, 5] overlaps dOut 'dOut' F32[3, 5]",
            () -> new SwiGluGradient(D_OUT, D_UP, D_OUT, GATE, UP, false)),
        new Breach("SwiGluGradient: dUp 'both' F32[3, 5] strides [10, 1] overlaps gate 'both' F32[3, 5] strides "
            + "[10, 1]", () -> new SwiGluGradient(D_GATE, UP, D_OUT, GATE, UP, false)));
  }

  @Test
  void countsTheHalvesOnly() {
    assertThat(new SwiGlu(OUT, GATE, UP).bytes()).isEqualTo(4 * 3 * 15);
    assertThat(new SwiGluGradient(D_GATE, D_UP, D_OUT, GATE, UP, false).bytes()).isEqualTo(4 * 5 * 15);
    assertThat(new SwiGluGradient(D_GATE, D_UP, D_OUT, GATE, UP, true).bytes()).isEqualTo(4 * 7 * 15);
  }
}
