package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Norm;

/** Layer normalisation or, without the mean, RMSNorm; with and without gain and bias; of a shortened input or not. */
record NormCase(boolean centred) implements KernelCase {
  /** Large enough that rows of nearly equal elements do not amplify rounding. */
  static final double EPSILON = 0.1;

  @Override
  public Class<? extends Kernel> kernel() {
    return Norm.class;
  }

  @Override
  public String name() {
    return centred ? "Norm" : "Norm without mean";
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    long rows = sizes[0];
    long channels = Math.max(1, sizes[1]);
    boolean withGain = dice.flip();
    boolean withBias = dice.flip();
    boolean exact = dice.flip();
    return new Sample(new Accuracy(channels, 1 / Math.sqrt(EPSILON)), o ->
        new Norm(o.result("out", CONTIGUOUS, rows, channels),
            centred ? o.result("mean", o.exact(), CONTIGUOUS, rows) : null,
            o.result("inverseStd", o.exact(), CONTIGUOUS, rows),
            o.read("x", exact ? o.exact() : o.type(), CONTIGUOUS, rows, channels),
            withGain ? o.read("gain", o.exact(), CONTIGUOUS, channels) : null,
            withBias ? o.read("bias", o.exact(), CONTIGUOUS, channels) : null, EPSILON));
  }
}
