package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Sum;
import java.util.Arrays;

/** Over all dimensions, or all but the last one or two. */
record SumCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Sum.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizesToSum(3, 40_013);
    long[] kept = Arrays.copyOfRange(sizes, (int) dice.between(1, sizes.length), sizes.length);
    long terms = 1;
    for (int d = 0; d < sizes.length - kept.length; d++) {
      terms *= sizes[d];
    }
    double scale = dice.factor();
    boolean accumulate = dice.flip();
    return new Sample(new Accuracy(terms, 1 + Math.abs(scale)), o ->
        new Sum(o.accumulator("out", o.exact(), accumulate, CONTIGUOUS, kept), o.read("x", CONTIGUOUS, sizes), scale,
            accumulate));
  }
}
