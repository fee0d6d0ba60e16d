package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.View;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of layer normalisation or RMSNorm; with and without gain and the gradients of gain and bias. */
record NormGradientCase(boolean centred) implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return NormGradient.class;
  }

  @Override
  public String name() {
    return centred ? "NormGradient" : "NormGradient without mean";
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    long rows = sizes[0];
    long channels = Math.max(1, sizes[1]);
    boolean withGain = dice.flip();
    boolean withGainGradient = dice.flip();
    boolean withBiasGradient = dice.flip();
    boolean accumulate = dice.flip();
    boolean exact = dice.flip();
    return new Sample(new Accuracy(rows + channels, 1 / NormCase.EPSILON), o -> {
      View x = o.read("x", exact ? o.exact() : o.type(), CONTIGUOUS, rows, channels);
      View gain = withGain ? o.read("gain", o.exact(), CONTIGUOUS, channels) : null;
      View dOut = o.read("dOut", CONTIGUOUS, rows, channels);
      View mean = centred ? o.intermediate("mean", o.exact(), CONTIGUOUS, rows) : null;
      View inverseStd = o.intermediate("inverseStd", o.exact(), CONTIGUOUS, rows);
      o.gradientOf(() -> forward(o, x, mean, inverseStd, gain, dOut));
      View dx = accumulate
          ? o.accumulator("dx", exact ? o.exact() : o.type(), true, CONTIGUOUS, rows, channels)
          : o.resultOver("dx", CONTIGUOUS, dOut);
      return new NormGradient(dx,
          withGainGradient ? o.accumulator("dGain", o.exact(), true, CONTIGUOUS, channels) : null,
          withBiasGradient ? o.accumulator("dBias", o.exact(), true, CONTIGUOUS, channels) : null,
          dOut, x, mean, inverseStd, gain, accumulate);
    });
  }

  /** A gain of 1 and a bias of 0 have gradients too, but none that need them to be there. */
  private static Forward forward(
      Operands o, View x, @Nullable View mean, View inverseStd, @Nullable View gain, View dOut) {
    long[] sizes = x.shape().toArray();
    View out = o.result("out", CONTIGUOUS, sizes);
    View bias = o.read("bias", o.exact(), CONTIGUOUS, sizes[1]);
    Map<String, View> inputs =
        gain == null ? Map.of("dx", x, "dBias", bias) : Map.of("dx", x, "dGain", gain, "dBias", bias);
    return new Forward(new Norm(out, mean, inverseStd, x, gain, bias, NormCase.EPSILON), out, dOut, inputs);
  }
}
