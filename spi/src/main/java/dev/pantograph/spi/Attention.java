package dev.pantograph.spi;

import java.util.List;

/**
 * Causal scaled dot-product attention, per batch element and head:
 * {@code out[t] = Σ_{s≤t} softmax_s(scale·q[t]·k[s])·v[s]}, and {@code logSumExp[t] = ln Σ_{s≤t} exp(scale·q[t]·k[s])},
 * which the gradient needs. The T×T matrix is never held in memory (Dao et al. 2022, arXiv 2205.14135).
 *
 * @param out result, {@code [B, H, T, D]}, stride 1 in D
 * @param logSumExp {@code [B, H, T]}, contiguous
 * @param q queries, {@code [B, H, T, D]}, stride 1 in D
 * @param k keys, likewise
 * @param v values, likewise
 * @param scale factor of the logits: 1/√D in the standard parameterization
 */
public record Attention(View out, View logSumExp, View q, View k, View v, double scale) implements Kernel {

  public Attention {
    Contract contract = new Contract("Attention", out);
    contract.rank("out", out, 4).unitInnerStride("out", out);
    contract.shape("logSumExp", logSumExp, out.size(0), out.size(1), out.size(2)).contiguous("logSumExp", logSumExp);
    contract.shape("q", q, out.shape()).shape("k", k, out.shape()).shape("v", v, out.shape());
    contract.unitInnerStride("q", q).unitInnerStride("k", k).unitInnerStride("v", v);
    contract.written("out", out).apartFrom("q", q).apartFrom("k", k).apartFrom("v", v);
    contract.written("logSumExp", logSumExp)
        .apartFrom("out", out).apartFrom("q", q).apartFrom("k", k).apartFrom("v", v);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out), Operand.write("logSumExp", logSumExp),
        Operand.read("q", q), Operand.read("k", k), Operand.read("v", v));
  }

  /** Two products of T²/2 · D multiply-adds each, per batch element and head. */
  @Override
  public long flops() {
    return 2 * out.elements() * out.size(2);
  }
}
