package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SquaredNorm;
import java.util.List;
import java.util.Set;

/** Several tensors of different sizes. */
record SquaredNormCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return SquaredNorm.class;
  }

  @Override
  public Set<DType> types() {
    return EXACT;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] first = dice.sizesToSum(2, 20_011);
    long[] second = dice.sizes(1, 40_013);
    long elements = first[0] * first[1] + second[0];
    return new Sample(new Accuracy(elements, Math.max(1, elements)), o ->
        new SquaredNorm(o.result("out", DType.F64, CONTIGUOUS),
            List.of(o.read("input0", CONTIGUOUS, first), o.read("input1", CONTIGUOUS, second))));
  }
}
