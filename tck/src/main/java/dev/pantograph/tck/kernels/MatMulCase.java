package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;
import static dev.pantograph.tck.kernels.Layout.MATRIX;
import static dev.pantograph.tck.kernels.Layout.ROWS;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.util.Arrays;
import java.util.List;

/**
 * Products with and without bias, addend and accumulation; factors stored by rows or by columns; a result stored as its
 * factors are, or in the type that is computed in.
 */
record MatMulCase(Epilogue epilogue) implements KernelCase {
  private static final List<long[]> BATCHES = List.of(new long[0], new long[0], new long[] {2}, new long[] {3, 2});

  /** Which kind of {@link MatMul.Epilogue}. */
  enum Epilogue {
    NONE("MatMul"),
    ACTIVATION("MatMul with activation"),
    ACTIVATION_GRADIENT("MatMul with activation gradient"),
    ROW_SUMS("MatMul with row sums");

    private final String name;

    Epilogue(String name) {
      this.name = name;
    }
  }

  /** What is added to the product. */
  private enum Addend {
    NONE,
    RESULT,
    OTHER
  }

  @Override
  public Class<? extends Kernel> kernel() {
    return MatMul.class;
  }

  @Override
  public String name() {
    return epilogue.name;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] mnk = dice.sizesToSum(3, 2053);
    long m = mnk[0];
    long n = epilogue == Epilogue.ROW_SUMS ? Math.max(1, mnk[1]) : mnk[1];
    long k = mnk[2];
    long[] batch = dice.pick(BATCHES);
    double alpha = dice.factor();
    double beta = dice.factor();
    boolean withBias = dice.flip();
    Addend addend = epilogue == Epilogue.ACTIVATION_GRADIENT ? Addend.NONE : dice.pick(List.of(Addend.values()));
    Gelu.Form form = dice.pick(List.of(Gelu.Form.values()));
    boolean accumulate = dice.flip();
    boolean exact = dice.flip();
    // An activation's slope, and what row sums are added to, are about 1.
    Accuracy accuracy = new Accuracy(k, 2 * Math.abs(alpha) + Math.abs(beta) + (epilogue == Epilogue.NONE ? 0 : 1));
    Leeway leeway = epilogue == Epilogue.ACTIVATION || epilogue == Epilogue.ACTIVATION_GRADIENT
        ? Leeway.LIMIT_AT_INFINITY
        : Leeway.NONE;
    return new Sample(accuracy, leeway, o -> {
      long[] resultSizes = append(batch, m, n);
      DType type = exact ? o.exact() : o.type();
      View a = o.read("a", MATRIX, append(batch, m, k));
      View b = o.read("b", MATRIX, append(batch, k, n));
      View bias = withBias ? o.read("bias", o.exact(), CONTIGUOUS, n) : null;
      MatMul product = switch (addend) {
        case NONE -> new MatMul(o.result("out", type, ROWS, resultSizes), a, b, alpha, bias, beta, null);
        case RESULT -> {
          View out = o.accumulator("out", type, true, ROWS, resultSizes);
          yield new MatMul(out, a, b, alpha, bias, beta, out);
        }
        case OTHER -> {
          View c = o.read("c", type, ROWS, resultSizes);
          yield new MatMul(o.resultOver("out", type, ROWS, c), a, b, alpha, bias, beta, c);
        }
      };
      return product.with(switch (epilogue) {
        case NONE -> MatMul.Epilogue.NONE;
        case ACTIVATION -> new MatMul.Epilogue.Activation(o.result("preActivation", ROWS, resultSizes), form);
        case ACTIVATION_GRADIENT ->
            new MatMul.Epilogue.ActivationGradient(o.wide("preActivation", ROWS, resultSizes), form);
        case ROW_SUMS -> new MatMul.Epilogue.RowSums(
            o.accumulator("sums", o.exact(), accumulate, CONTIGUOUS, append(batch, m)), accumulate);
      });
    });
  }

  private static long[] append(long[] batch, long... rest) {
    long[] sizes = Arrays.copyOf(batch, batch.length + rest.length);
    System.arraycopy(rest, 0, sizes, batch.length, rest.length);
    return sizes;
  }
}
