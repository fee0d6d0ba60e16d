package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * A dense product at the places of a sparse weight only: {@code out[i] = α·Σₜ dy[t, rowᵢ]·x[t, columnᵢ]} for its
 * non-zeros i, added to what {@code out} holds if {@code accumulate}. It is the gradient of the weight in {@code y =
 * x·Wᵀ}.
 *
 * @param out {@code [nonZeros]} by rows, contiguous
 * @param dy {@code [tokens, fanOut]}, stride 1 in the last dimension
 * @param x {@code [tokens, fanIn]}, stride 1 in the last dimension
 * @param pattern of a weight {@code [fanOut, fanIn]}
 * @param alpha factor of the product
 */
public record SampledMatMul(View out, View dy, View x, SparsePattern pattern, double alpha, boolean accumulate)
    implements Kernel {

  public SampledMatMul {
    Contract contract = new Contract("SampledMatMul", out);
    contract.rank("dy", dy, 2).rank("x", x, 2).unitInnerStride("dy", dy).unitInnerStride("x", x);
    contract.that(dy.size(1) == pattern.rows() && x.size(1) == pattern.columns(),
        "dy %s, x %s: needed [tokens, %d] and [tokens, %d] for %s", dy, x, pattern.rows(), pattern.columns(), pattern);
    contract.type("dy", dy).shape("x", x, dy.size(0), pattern.columns());
    contract.shape("out", out, pattern.nonZeros()).contiguous("out", out);
    contract.written("out", out).apartFrom("dy", dy).apartFrom("x", x);
    contract.apartFromPattern("out", out, pattern);
  }

  /** Rows of dy and x. */
  public long tokens() {
    return x.size(0);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(8);
    operands.add(Operand.output("out", out, accumulate));
    operands.add(Operand.read("dy", dy));
    operands.add(Operand.read("x", x));
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
