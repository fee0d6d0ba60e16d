package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
import static dev.pantograph.spi.Operands.f64;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NormTest {
  private static final View OUT = f32("out", 2, 3, 5);
  private static final View X = f32("x", 2, 3, 5);
  private static final View MEAN = f32("mean", 6);
  private static final View INVERSE_STD = f32("inverseStd", 6);
  private static final View GAIN = f32("gain", 5);
  private static final View BIAS = f32("bias", 5);
  private static final View D_OUT = f32("dOut", 2, 3, 5);
  private static final View D_GAIN = f32("dGain", 5);
  private static final View D_BIAS = f32("dBias", 5);

  @ParameterizedTest
  @MethodSource({"breaches", "overlaps"})
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("Norm: out is 'out' F32[], needed at least one dimension",
            () -> new Norm(f32("out"), MEAN, INVERSE_STD, X, null, null, 0)),
        new Breach("Norm: x is 'x' F32[6, 5], needed shape [2, 3, 5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, f32("x", 6, 5), null, null, 0)),
        new Breach("Norm: mean is 'mean' F32[2, 3], needed shape [6]",
            () -> new Norm(OUT, f32("mean", 2, 3), INVERSE_STD, X, null, null, 0)),
        new Breach("Norm: inverseStd is 'inverseStd' F64[6], needed type F32, which this kernel computes in",
            () -> new Norm(OUT, MEAN, f64("inverseStd", 6), X, null, null, 0)),
        new Breach("Norm: gain is 'gain' F32[6], needed shape [5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, f32("gain", 6), null, 0)),
        new Breach("Norm: bias is 'bias' F32[6], needed shape [5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, null, f32("bias", 6), 0)),
        new Breach("Norm: x is 'x' F32[2, 3, 5] strides [15, 1, 3], needed contiguous elements; copy it first",
            () -> new Norm(OUT, MEAN, INVERSE_STD, f32("x", 2, 5, 3).transpose(), null, null, 0)),
        new Breach("Norm: out 'x' F32[2, 3, 5] overlaps x 'x' F32[2, 3, 5]",
            () -> new Norm(X, MEAN, INVERSE_STD, X, null, null, 0)),
        new Breach("NormGradient: dOut is 'dOut' F32[6, 5], needed shape [2, 3, 5]",
            () -> new NormGradient(OUT, null, null, f32("dOut", 6, 5), X, MEAN, INVERSE_STD, null, false)),
        new Breach("NormGradient: dx 'x' F32[2, 3, 5] overlaps x 'x' F32[2, 3, 5]",
            () -> new NormGradient(X, null, null, D_OUT, X, MEAN, INVERSE_STD, null, false)),
        new Breach("NormGradient: dx 'dOut' F32[2, 3, 5] overlaps dOut 'dOut' F32[2, 3, 5]",
            () -> new NormGradient(D_OUT, null, null, D_OUT, X, MEAN, INVERSE_STD, null, true)),
        new Breach("NormGradient: dGain is 'dGain' F32[6], needed shape [5]",
            () -> new NormGradient(OUT, f32("dGain", 6), null, D_OUT, X, MEAN, INVERSE_STD, null, false)),
        new Breach("NormGradient: dBias is 'dBias' F32[6], needed shape [5]",
            () -> new NormGradient(OUT, null, f32("dBias", 6), D_OUT, X, MEAN, INVERSE_STD, null, false)));
  }

  static Stream<Breach> overlaps() {
    return Stream.of(
        new Breach("Norm: out 'out' F32[2, 3, 5] overlaps mean 'out' F32[6]",
            () -> new Norm(OUT, f32Inside(OUT, 6), INVERSE_STD, X, GAIN, BIAS, 0)),
        new Breach("Norm: out 'out' F32[2, 3, 5] overlaps inverseStd 'out' F32[6]",
            () -> new Norm(OUT, MEAN, f32Inside(OUT, 6), X, GAIN, BIAS, 0)),
        new Breach("Norm: out 'out' F32[2, 3, 5] overlaps gain 'out' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, f32Inside(OUT, 5), BIAS, 0)),
        new Breach("Norm: out 'out' F32[2, 3, 5] overlaps bias 'out' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, GAIN, f32Inside(OUT, 5), 0)),
        new Breach("Norm: mean 'mean' F32[6] overlaps inverseStd 'mean' F32[6]",
            () -> new Norm(OUT, MEAN, MEAN, X, GAIN, BIAS, 0)),
        new Breach("Norm: mean 'x' F32[6] overlaps x 'x' F32[2, 3, 5]",
            () -> new Norm(OUT, f32Inside(X, 6), INVERSE_STD, X, GAIN, BIAS, 0)),
        new Breach("Norm: mean 'mean' F32[6] overlaps gain 'mean' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, f32Inside(MEAN, 5), BIAS, 0)),
        new Breach("Norm: mean 'mean' F32[6] overlaps bias 'mean' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, GAIN, f32Inside(MEAN, 5), 0)),
        new Breach("Norm: inverseStd 'x' F32[6] overlaps x 'x' F32[2, 3, 5]",
            () -> new Norm(OUT, MEAN, f32Inside(X, 6), X, GAIN, BIAS, 0)),
        new Breach("Norm: inverseStd 'inverseStd' F32[6] overlaps gain 'inverseStd' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, f32Inside(INVERSE_STD, 5), BIAS, 0)),
        new Breach("Norm: inverseStd 'inverseStd' F32[6] overlaps bias 'inverseStd' F32[5]",
            () -> new Norm(OUT, MEAN, INVERSE_STD, X, GAIN, f32Inside(INVERSE_STD, 5), 0)),
        new Breach("NormGradient: dx 'out' F32[2, 3, 5] overlaps dGain 'out' F32[5]",
            () -> new NormGradient(OUT, f32Inside(OUT, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dx 'out' F32[2, 3, 5] overlaps dBias 'out' F32[5]",
            () -> new NormGradient(OUT, D_GAIN, f32Inside(OUT, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dx 'out' F32[2, 3, 5] overlaps gain 'out' F32[5]",
            () -> new NormGradient(OUT, D_GAIN, D_BIAS, D_OUT, X, MEAN, INVERSE_STD, f32Inside(OUT, 5), false)),
        new Breach("NormGradient: dx 'out' F32[2, 3, 5] overlaps mean 'out' F32[6]",
            () -> new NormGradient(OUT, D_GAIN, D_BIAS, D_OUT, X, f32Inside(OUT, 6), INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dx 'out' F32[2, 3, 5] overlaps inverseStd 'out' F32[6]",
            () -> new NormGradient(OUT, D_GAIN, D_BIAS, D_OUT, X, MEAN, f32Inside(OUT, 6), GAIN, false)),
        new Breach("NormGradient: dGain 'dGain' F32[5] overlaps dBias 'dGain' F32[5]",
            () -> new NormGradient(OUT, D_GAIN, D_GAIN, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dGain 'dOut' F32[5] overlaps dOut 'dOut' F32[2, 3, 5]",
            () -> new NormGradient(OUT, f32Inside(D_OUT, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dGain 'x' F32[5] overlaps x 'x' F32[2, 3, 5]",
            () -> new NormGradient(OUT, f32Inside(X, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dGain 'mean' F32[5] overlaps mean 'mean' F32[6]",
            () -> new NormGradient(OUT, f32Inside(MEAN, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dGain 'inverseStd' F32[5] overlaps inverseStd 'inverseStd' F32[6]",
            () -> new NormGradient(
                OUT, f32Inside(INVERSE_STD, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dGain 'gain' F32[5] overlaps gain 'gain' F32[5]",
            () -> new NormGradient(OUT, f32Inside(GAIN, 5), D_BIAS, D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dBias 'dOut' F32[5] overlaps dOut 'dOut' F32[2, 3, 5]",
            () -> new NormGradient(OUT, D_GAIN, f32Inside(D_OUT, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dBias 'x' F32[5] overlaps x 'x' F32[2, 3, 5]",
            () -> new NormGradient(OUT, D_GAIN, f32Inside(X, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dBias 'mean' F32[5] overlaps mean 'mean' F32[6]",
            () -> new NormGradient(OUT, D_GAIN, f32Inside(MEAN, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dBias 'inverseStd' F32[5] overlaps inverseStd 'inverseStd' F32[6]",
            () -> new NormGradient(
                OUT, D_GAIN, f32Inside(INVERSE_STD, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)),
        new Breach("NormGradient: dBias 'gain' F32[5] overlaps gain 'gain' F32[5]",
            () -> new NormGradient(OUT, D_GAIN, f32Inside(GAIN, 5), D_OUT, X, MEAN, INVERSE_STD, GAIN, false)));
  }

  @Test
  void readsAndWritesEachOperandOnce() {
    assertThat(new Norm(OUT, MEAN, INVERSE_STD, X, f32("gain", 5), f32("bias", 5), 0).bytes())
        .isEqualTo(4 * (2 * 30 + 2 * 6 + 2 * 5));
  }

  @Test
  void withoutAMeanThereIsNothingToReadOrWriteForIt() {
    assertThat(new Norm(OUT, null, INVERSE_STD, X, GAIN, BIAS, 0).bytes()).isEqualTo(4 * (2 * 30 + 6 + 2 * 5));
    assertThat(new NormGradient(OUT, D_GAIN, D_BIAS, D_OUT, X, null, INVERSE_STD, GAIN, false).bytes())
        .isEqualTo(4 * (3 * 30 + 2 * 2 * 5 + 6 + 5));
  }

  @Test
  void gradientUpdatesTheParametersGradients() {
    NormGradient kernel = new NormGradient(
        OUT, f32("dGain", 5), f32("dBias", 5), D_OUT, X, MEAN, INVERSE_STD, f32("gain", 5), true);

    assertThat(kernel.bytes()).isEqualTo(4 * (2 * 30 + 2 * 2 * 5 + 2 * 30 + 2 * 6 + 5));
  }

  @Test
  void gradientMayReplaceTheGradientItComesFrom() {
    NormGradient kernel = new NormGradient(D_OUT, null, null, D_OUT, X, MEAN, INVERSE_STD, null, false);

    assertThat(kernel.operands().getFirst()).isEqualTo(Kernel.Operand.write("dx", D_OUT));
  }
}
