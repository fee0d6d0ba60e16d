package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Kernel;
import java.util.EnumSet;
import java.util.Set;

/** Any type. */
record FillCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Fill.class;
  }

  @Override
  public Set<DType> types() {
    return EnumSet.allOf(DType.class);
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    double value = dice.between(-3, 3);
    return new Sample(Accuracy.EXACT, o -> new Fill(o.result("out", CONTIGUOUS, sizes), value));
  }
}
