package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Randomize;
import java.util.Set;

/** Both distributions. Values are addressed, so every backend has the same. */
record RandomizeCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Randomize.class;
  }

  @Override
  public Set<DType> types() {
    return EXACT;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 20_011);
    Randomize.Distribution distribution = dice.flip()
        ? new Randomize.Distribution.Normal(dice.factor(), 0.5)
        : new Randomize.Distribution.Bernoulli(0.3);
    long seed = dice.between(0, Integer.MAX_VALUE);
    long stream = dice.between(0, Integer.MAX_VALUE);
    return new Sample(Accuracy.EXACT, o ->
        new Randomize(o.result("out", CONTIGUOUS, sizes), distribution, seed, stream));
  }
}
