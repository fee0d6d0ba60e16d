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
    HeadSizes drawn = HeadSizes.of(dice);
    return new Sample(new Accuracy(drawn.time() + drawn.headDim(), 2), Leeway.MASKED_BY_ZERO, o -> {
      long[] sizes = drawn.ofHeads();
      return new Attention(
          o.result("out", HEADS, sizes), o.result("logSumExp", o.exact(), CONTIGUOUS, drawn.ofRows()),
          o.read("q", HEADS, sizes), o.read("k", HEADS, sizes), o.read("v", HEADS, sizes),
          sloping ? o.settings("slopes", drawn.heads()) : null, drawn.scale());
    });
  }
}
