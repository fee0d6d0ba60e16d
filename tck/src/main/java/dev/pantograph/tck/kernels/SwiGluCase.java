package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.ROWS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SwiGlu;

/** Rows any distance apart. */
record SwiGluCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return SwiGlu.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    return new Sample(new Accuracy(0, 1), Leeway.LIMIT_AT_INFINITY, o ->
        new SwiGlu(o.result("out", ROWS, sizes), o.wide("gate", ROWS, sizes), o.read("up", ROWS, sizes)));
  }
}
