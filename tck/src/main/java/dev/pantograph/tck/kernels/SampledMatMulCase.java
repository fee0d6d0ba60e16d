package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;
import static dev.pantograph.tck.kernels.Layout.ROWS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Weights from none to all; written or added. */
record SampledMatMulCase() implements KernelCase {
  private static final List<Double> DENSITIES = List.of(0.02, 0.1, 0.3, 0.7, 1.0);

  @Override
  public Class<? extends Kernel> kernel() {
    return SampledMatMul.class;
  }

  @Override
  public Set<DType> types() {
    return EXACT;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizesToSum(3, 2053);
    long tokens = sizes[0];
    long fanOut = sizes[1];
    long fanIn = sizes[2];
    double density = dice.pick(DENSITIES);
    double alpha = dice.factor();
    boolean accumulate = dice.flip();
    return new Sample(new Accuracy(tokens, Math.abs(alpha) + 1), o -> {
      SparsePattern pattern = o.pattern(fanOut, fanIn, density);
      View dy = o.read("dy", ROWS, tokens, fanOut);
      View x = o.read("x", ROWS, tokens, fanIn);
      o.gradientOf(() -> {
        View y = o.result("y", ROWS, tokens, fanOut);
        View values = o.read("values", CONTIGUOUS, pattern.nonZeros());
        return new Forward(new SparseMatMul(y, x, values, pattern, true, alpha, null, 0, null), y, dy,
            Map.of("out", values));
      });
      View out = o.accumulator("out", accumulate, CONTIGUOUS, pattern.nonZeros());
      return new SampledMatMul(out, dy, x, pattern, alpha, accumulate);
    });
  }
}
