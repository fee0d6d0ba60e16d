package dev.pantograph.spi;

import java.util.List;

/**
 * Sum over leading dimensions: {@code out[j] = scale·Σᵢ x[i, j]}, added to what {@code out} holds if
 * {@code accumulate}. A scalar {@code out} is the sum of everything; {@code [N]} under {@code [M, N]} is the gradient
 * of a bias. {@code x} may be stored in BF16.
 *
 * @param out its shape is a suffix of that of {@code x}; contiguous
 * @param x contiguous
 */
public record Sum(View out, View x, double scale, boolean accumulate) implements Kernel {

  public Sum {
    Contract contract = new Contract("Sum", out).type("out", out).contiguous("out", out);
    contract.stored("x", x).contiguous("x", x);
    contract.that(out.shape().isSuffixOf(x.shape()), "out is %s, needed a suffix of the shape of x %s", out, x);
    contract.written("out", out).apartFrom("x", x);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.output("out", out, accumulate), Operand.read("x", x));
  }

  @Override
  public long flops() {
    return x.elements();
  }
}
