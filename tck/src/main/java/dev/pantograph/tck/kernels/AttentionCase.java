package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;
import static dev.pantograph.tck.kernels.Layout.HEADS;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Kernel;

/** Several heads, side by side in memory or not; with and without slopes. */
record AttentionCase(boolean sloping) implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Attention.class;
  }

  @Override
  public String name() {
    return sloping ? "Attention with slopes" : "Attention";
  }

  @Override
  public Sample sample(Dice dice) {
    long[] td = dice.sizes(2, 150);
    long time = td[0];
    long headDim = Math.max(1, td[1]);
    long heads = dice.between(1, 3);
    long batch = heads > 1 ? 1 : dice.between(1, 2);
    double scale = dice.factor();
    return new Sample(new Accuracy(time + headDim, 2), Leeway.MASKED_BY_ZERO, o -> {
      long[] sizes = {batch, heads, time, headDim};
      return new Attention(
          o.result("out", HEADS, sizes), o.result("logSumExp", o.exact(), CONTIGUOUS, batch, heads, time),
          o.read("q", HEADS, sizes), o.read("k", HEADS, sizes), o.read("v", HEADS, sizes),
          sloping ? o.settings("slopes", heads) : null, scale);
    });
  }
}
