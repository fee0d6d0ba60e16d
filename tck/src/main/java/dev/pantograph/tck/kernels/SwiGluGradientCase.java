package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.ROWS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Map;

/** Written, where the gradients may be the halves of the rows of one matrix, or added. */
record SwiGluGradientCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return SwiGluGradient.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    boolean accumulate = dice.flip();
    return new Sample(new Accuracy(0, 2), Leeway.LIMIT_AT_INFINITY, o -> {
      View gate = o.wide("gate", ROWS, sizes);
      View up = o.read("up", ROWS, sizes);
      View dOut = o.read("dOut", ROWS, sizes);
      o.gradientOf(() -> {
        View out = o.result("out", ROWS, sizes);
        return new Forward(new SwiGlu(out, gate, up), out, dOut, Map.of("dGate", gate, "dUp", up));
      });
      List<View> gradients = accumulate
          ? List.of(o.accumulator("dGate", true, ROWS, sizes), o.accumulator("dUp", true, ROWS, sizes))
          : o.resultsSideBySide(List.of("dGate", "dUp"), sizes);
      return new SwiGluGradient(gradients.get(0), gradients.get(1), dOut, gate, up, accumulate);
    });
  }
}
