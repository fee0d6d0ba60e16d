package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Map;

/** Both forms; the gradient may replace the one it comes from. */
record GeluGradientCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return GeluGradient.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    Gelu.Form form = dice.pick(List.of(Gelu.Form.values()));
    boolean accumulate = dice.flip();
    return new Sample(new Accuracy(0, 2), Leeway.LIMIT_AT_INFINITY, o -> {
      View x = o.wide("x", CONTIGUOUS, sizes);
      View dOut = o.read("dOut", CONTIGUOUS, sizes);
      o.gradientOf(() -> {
        View out = o.result("out", CONTIGUOUS, sizes);
        return new Forward(new Gelu(out, x, form), out, dOut, Map.of("dx", x));
      });
      View dx = accumulate
          ? o.accumulator("dx", true, CONTIGUOUS, sizes)
          : o.resultOver("dx", CONTIGUOUS, dOut);
      return new GeluGradient(dx, dOut, x, form, accumulate);
    });
  }
}
