package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.List;

/** Both forms; the result may replace the operand. */
record GeluCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Gelu.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    Gelu.Form form = dice.pick(List.of(Gelu.Form.values()));
    return new Sample(new Accuracy(0, 1), Leeway.LIMIT_AT_INFINITY, o -> {
      View x = o.wide("x", CONTIGUOUS, sizes);
      return new Gelu(o.resultOver("out", CONTIGUOUS, x), x, form);
    });
  }
}
