package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.View;

/** Of one operand and of two; the result may replace either. */
record LinearCombinationCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return LinearCombination.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    double alpha = dice.factor();
    double beta = dice.factor();
    boolean two = dice.flip();
    return new Sample(new Accuracy(0, Math.abs(alpha) + Math.abs(beta)), o -> {
      View x = o.read("x", CONTIGUOUS, sizes);
      View y = two ? o.read("y", CONTIGUOUS, sizes) : null;
      View out = y == null ? o.resultOver("out", CONTIGUOUS, x) : o.resultOver("out", CONTIGUOUS, x, y);
      return new LinearCombination(out, alpha, x, beta, y);
    });
  }
}
