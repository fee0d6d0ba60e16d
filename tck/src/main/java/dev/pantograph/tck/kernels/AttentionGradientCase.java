package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;
import static dev.pantograph.tck.kernels.Layout.HEADS;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Map;

/** Several heads, with and without slopes; the gradients apart, or side by side as the forward operands are. */
record AttentionGradientCase(boolean sloping) implements KernelCase {
  private static final List<String> RESULTS = List.of("dq", "dk", "dv");

  @Override
  public Class<? extends Kernel> kernel() {
    return AttentionGradient.class;
  }

  @Override
  public String name() {
    return sloping ? "AttentionGradient with slopes" : "AttentionGradient";
  }

  @Override
  public Sample sample(Dice dice) {
    HeadSizes drawn = HeadSizes.of(dice);
    boolean sideBySide = dice.flip();
    // A term is a probability's gradient, itself a sum over the head's dimension; the forward pass was inexact too.
    return new Sample(new Accuracy(drawn.time() + 2 * drawn.headDim(), 4), Leeway.MASKED_BY_ZERO, o -> {
      long[] sizes = drawn.ofHeads();
      View q = o.read("q", HEADS, sizes);
      View k = o.read("k", HEADS, sizes);
      View v = o.read("v", HEADS, sizes);
      View dOut = o.read("dOut", HEADS, sizes);
      View slopes = sloping ? o.settings("slopes", drawn.heads()) : null;
      View out = o.intermediate("out", HEADS, sizes);
      View logSumExp = o.intermediate("logSumExp", o.exact(), CONTIGUOUS, drawn.ofRows());
      o.gradientOf(() -> new Forward(new Attention(out, logSumExp, q, k, v, slopes, drawn.scale()), out, dOut,
          Map.of("dq", q, "dk", k, "dv", v)));
      List<View> gradients = sideBySide
          ? o.resultsSideBySide(RESULTS, sizes)
          : RESULTS.stream().map(name -> o.result(name, HEADS, sizes)).toList();
      return new AttentionGradient(gradients.get(0), gradients.get(1), gradients.get(2), dOut, out, logSumExp, q, k, v,
          slopes, drawn.scale());
    });
  }
}
