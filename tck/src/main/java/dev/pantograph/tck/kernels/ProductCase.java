package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.View;

/** Written, where it may replace either factor, or added. */
record ProductCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Product.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    boolean accumulate = dice.flip();
    return new Sample(new Accuracy(0, 2), o -> {
      View x = o.read("x", CONTIGUOUS, sizes);
      View y = o.read("y", CONTIGUOUS, sizes);
      View out = accumulate
          ? o.accumulator("out", true, CONTIGUOUS, sizes)
          : o.resultOver("out", CONTIGUOUS, x, y);
      return new Product(out, x, y, accumulate);
    });
  }
}
