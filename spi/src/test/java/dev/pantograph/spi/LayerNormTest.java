package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerNormTest {
  private static final View OUT = f32("out", 2, 3, 5);
  private static final View X = f32("x", 2, 3, 5);
  private static final View MEAN = f32("mean", 6);
  private static final View INVERSE_STD = f32("inverseStd", 6);
  private static final View D_OUT = f32("dOut", 2, 3, 5);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("LayerNorm: out is 'out' F32[], needed at least one dimension",
            () -> new LayerNorm(f32("out"), MEAN, INVERSE_STD, X, null, null, 0)),
        new Breach("LayerNorm: x is 'x' F32[6, 5], needed shape [2, 3, 5]",
            () -> new LayerNorm(OUT, MEAN, INVERSE_STD, f32("x", 6, 5), null, null, 0)),
        new Breach("LayerNorm: mean is 'mean' F32[2, 3], needed shape [6]",
            () -> new LayerNorm(OUT, f32("mean", 2, 3), INVERSE_STD, X, null, null, 0)),
        new Breach("LayerNorm: inverseStd is 'inverseStd' F64[6], needed type F32 like the first operand",
            () -> new LayerNorm(OUT, MEAN, f64("inverseStd", 6), X, null, null, 0)),
        new Breach("LayerNorm: gain is 'gain' F32[6], needed shape [5]",
            () -> new LayerNorm(OUT, MEAN, INVERSE_STD, X, f32("gain", 6), null, 0)),
        new Breach("LayerNorm: bias is 'bias' F32[6], needed shape [5]",
            () -> new LayerNorm(OUT, MEAN, INVERSE_STD, X, null, f32("bias", 6), 0)),
        new Breach("LayerNorm: x is 'x' F32[2, 3, 5] strides [15, 1, 3], needed contiguous elements; copy it first",
            () -> new LayerNorm(OUT, MEAN, INVERSE_STD, f32("x", 2, 5, 3).transpose(), null, null, 0)),
        new Breach("LayerNorm: out 'x' F32[2, 3, 5] overlaps x 'x' F32[2, 3, 5]",
            () -> new LayerNorm(X, MEAN, INVERSE_STD, X, null, null, 0)),
        new Breach("LayerNormGradient: dOut is 'dOut' F32[6, 5], needed shape [2, 3, 5]",
            () -> new LayerNormGradient(OUT, null, null, f32("dOut", 6, 5), X, MEAN, INVERSE_STD, null, false)),
        new Breach("LayerNormGradient: dx 'x' F32[2, 3, 5] overlaps x 'x' F32[2, 3, 5]",
            () -> new LayerNormGradient(X, null, null, D_OUT, X, MEAN, INVERSE_STD, null, false)),
        new Breach("LayerNormGradient: dx 'dOut' F32[2, 3, 5] overlaps dOut 'dOut' F32[2, 3, 5]",
            () -> new LayerNormGradient(D_OUT, null, null, D_OUT, X, MEAN, INVERSE_STD, null, true)),
        new Breach("LayerNormGradient: dGain is 'dGain' F32[6], needed shape [5]",
            () -> new LayerNormGradient(OUT, f32("dGain", 6), null, D_OUT, X, MEAN, INVERSE_STD, null, false)),
        new Breach("LayerNormGradient: dBias is 'dBias' F32[6], needed shape [5]",
            () -> new LayerNormGradient(OUT, null, f32("dBias", 6), D_OUT, X, MEAN, INVERSE_STD, null, false)));
  }

  @Test
  void readsAndWritesEachOperandOnce() {
    assertThat(new LayerNorm(OUT, MEAN, INVERSE_STD, X, f32("gain", 5), f32("bias", 5), 0).bytes())
        .isEqualTo(4 * (2 * 30 + 2 * 6 + 2 * 5));
  }

  @Test
  void gradientUpdatesTheParametersGradients() {
    LayerNormGradient kernel = new LayerNormGradient(
        OUT, f32("dGain", 5), f32("dBias", 5), D_OUT, X, MEAN, INVERSE_STD, f32("gain", 5), true);

    assertThat(kernel.bytes()).isEqualTo(4 * (2 * 30 + 2 * 2 * 5 + 2 * 30 + 2 * 6 + 5));
  }

  @Test
  void gradientMayReplaceTheGradientItComesFrom() {
    LayerNormGradient kernel = new LayerNormGradient(D_OUT, null, null, D_OUT, X, MEAN, INVERSE_STD, null, false);

    assertThat(kernel.operands().getFirst()).isEqualTo(Kernel.Operand.write("dx", D_OUT));
  }
}
