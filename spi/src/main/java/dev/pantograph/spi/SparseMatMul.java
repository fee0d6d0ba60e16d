package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Product with a sparse weight W {@code [fanOut, fanIn]}: {@code out = α·(x·op(W) + bias) + β·c}. With {@code op(W) =
 * Wᵀ} it is the forward pass of a linear layer, with {@code op(W) = W} the gradient of its input. Weights that are not
 * there are neither read nor multiplied.
 *
 * <p>{@code c} may be {@code out} itself, which makes the kernel accumulate; any other overlap is refused. With
 * {@code c} absent, β is not used and {@code out} need not be initialised. An empty row or column of W gives {@code
 * α·bias + β·c}.
 *
 * @param out result, {@code [tokens, fanOut]}, or {@code [tokens, fanIn]} if the weight is not transposed; stride 1 in
 *     the last dimension
 * @param x {@code [tokens, fanIn]}, or {@code [tokens, fanOut]} if the weight is not transposed; stride 1 in the last
 *     dimension
 * @param values the weight's values by rows, {@code [nonZeros]}, contiguous
 * @param pattern where they are
 * @param transposed whether x is multiplied by Wᵀ
 * @param alpha factor of the product and the bias
 * @param bias added to each row of the product, size of out's last dimension, contiguous; or absent
 * @param beta factor of {@code c}
 * @param c addend, shape of {@code out}, stride 1 in the last dimension; or absent
 */
public record SparseMatMul(View out, View x, View values, SparsePattern pattern, boolean transposed, double alpha,
    @Nullable View bias, double beta, @Nullable View c) implements Kernel {

  public SparseMatMul {
    Contract contract = new Contract("SparseMatMul", out);
    contract.rank("out", out, 2).rank("x", x, 2).unitInnerStride("out", out).unitInnerStride("x", x);
    long from = transposed ? pattern.columns() : pattern.rows();
    long to = transposed ? pattern.rows() : pattern.columns();
    contract.that(x.size(1) == from && out.size(1) == to, "out %s, x %s: needed [tokens, %d] and [tokens, %d] for %s%s",
        out, x, to, from, pattern, transposed ? " transposed" : "");
    contract.shape("x", x, out.size(0), from);
    contract.shape("values", values, pattern.nonZeros()).contiguous("values", values);
    Contract.Written result = contract.written("out", out).apartFrom("x", x).apartFrom("values", values);
    if (bias != null) {
      contract.shape("bias", bias, to).contiguous("bias", bias);
      result.apartFrom("bias", bias);
    }
    if (c != null) {
      contract.shape("c", c, out.shape()).unitInnerStride("c", c);
      result.sameAsOrApartFrom("c", c);
    }
    contract.apartFromPattern("out", out, pattern);
  }

  /** {@code y = x·Wᵀ}, with a bias added if there is one. */
  public static SparseMatMul forward(View y, View x, View values, SparsePattern pattern, @Nullable View bias) {
    return new SparseMatMul(y, x, values, pattern, true, 1, bias, 0, null);
  }

  /** {@code dx = α·dy·W}, added to what {@code dx} holds if {@code accumulate}. */
  public static SparseMatMul inputGradient(
      View dx, View dy, View values, SparsePattern pattern, double alpha, boolean accumulate) {
    return new SparseMatMul(
        dx, dy, values, pattern, false, alpha, null, accumulate ? 1 : 0, accumulate ? dx : null);
  }

  /** Rows of x and of the result. */
  public long tokens() {
    return out.size(0);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(10);
    operands.add(Operand.output("out", out, c != null && c.sameElementsAs(out)));
    operands.add(Operand.read("x", x));
    operands.add(Operand.read("values", values));
    if (bias != null) {
      operands.add(Operand.read("bias", bias));
    }
    if (c != null && !c.sameElementsAs(out)) {
      operands.add(Operand.read("c", c));
    }
    operands.addAll(pattern.operands());
    return operands;
  }

  @Override
  public long flops() {
    return 2 * tokens() * pattern.nonZeros();
  }

  /** Of the pattern, one traversal. */
  @Override
  public long bytes() {
    return Kernel.super.bytes() - pattern.bytes() + pattern.traversalBytes();
  }
}
