package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;
import static dev.pantograph.tck.kernels.Layout.ROWS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Set;

/** Weights from none to all, with empty rows and columns; with and without bias, addend and accumulation. */
record SparseMatMulCase(boolean transposed) implements KernelCase {
  private static final List<Double> DENSITIES = List.of(0.0, 0.02, 0.1, 0.3, 0.7, 1.0);

  /** What is added to the product. */
  private enum Addend {
    NONE,
    RESULT,
    OTHER
  }

  @Override
  public Class<? extends Kernel> kernel() {
    return SparseMatMul.class;
  }

  @Override
  public String name() {
    return transposed ? "SparseMatMul of the transposed weight" : "SparseMatMul";
  }

  @Override
  public Set<DType> types() {
    return EXACT;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizesToSum(3, 2053);
    long tokens = sizes[0];
    long from = sizes[1];
    long to = sizes[2];
    double density = dice.pick(DENSITIES);
    double alpha = dice.factor();
    double beta = dice.factor();
    boolean withBias = dice.flip();
    Addend addend = dice.pick(List.of(Addend.values()));
    return new Sample(new Accuracy(from, 2 * Math.abs(alpha) + Math.abs(beta)), o -> {
      SparsePattern pattern = transposed ? o.pattern(to, from, density) : o.pattern(from, to, density);
      View x = o.read("x", ROWS, tokens, from);
      View values = o.read("values", CONTIGUOUS, pattern.nonZeros());
      View bias = withBias ? o.read("bias", CONTIGUOUS, to) : null;
      return switch (addend) {
        case NONE -> new SparseMatMul(o.result("out", ROWS, tokens, to), x, values, pattern, transposed, alpha, bias,
            beta, null);
        case RESULT -> {
          View out = o.accumulator("out", true, ROWS, tokens, to);
          yield new SparseMatMul(out, x, values, pattern, transposed, alpha, bias, beta, out);
        }
        case OTHER -> {
          View c = o.read("c", ROWS, tokens, to);
          yield new SparseMatMul(o.resultOver("out", ROWS, c), x, values, pattern, transposed, alpha, bias, beta, c);
        }
      };
    });
  }
}
