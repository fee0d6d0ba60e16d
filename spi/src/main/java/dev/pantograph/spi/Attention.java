package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal scaled dot-product attention, per batch element and head h, with logits
 * {@code l[t,s] = scale·q[t]·k[s] − slope[h]·(t − s)}: {@code out[t] = Σ_{s≤t} softmax_s(l[t,s])·v[s]}, and
 * {@code logSumExp[t] = ln Σ_{s≤t} exp(l[t,s])}, which the gradient needs. The T×T matrix is never held in memory (Dao
 * et al. 2022, arXiv 2205.14135). The slopes are those of attention with linear biases, ALiBi (Press et al. 2022, arXiv
 * 2108.12409). Result, queries, keys and values may be stored in BF16.
 *
 * <p>Later positions may be masked by weights of zero, so a NaN or an infinity there may reach earlier results.
 *
 * @param out result, {@code [B, H, T, D]}, stride 1 in D
 * @param logSumExp {@code [B, H, T]}, contiguous
 * @param q queries, {@code [B, H, T, D]}, stride 1 in D
 * @param k keys, likewise
 * @param v values, likewise
 * @param slopes {@code [H]}, contiguous, what a logit loses for each position between query and key; absent means 0
 * @param scale factor of the products of queries and keys: 1/√D in the standard parameterization
 */
public record Attention(View out, View logSumExp, View q, View k, View v, @Nullable View slopes, double scale)
    implements Kernel {

  public Attention {
    Contract contract = new Contract("Attention", out);
    contract.rank("out", out, 4).unitInnerStride("out", out);
    contract.that(out.size(3) > 0, "out is %s, needed a head dim of at least 1", out);
    contract.shape("logSumExp", logSumExp, out.size(0), out.size(1), out.size(2)).contiguous("logSumExp", logSumExp);
    contract.stored("q", q, out.shape()).stored("k", k, out.shape()).stored("v", v, out.shape());
    contract.unitInnerStride("q", q).unitInnerStride("k", k).unitInnerStride("v", v);
    if (slopes != null) {
      contract.shape("slopes", slopes, out.size(1)).contiguous("slopes", slopes);
    }
    contract.written("out", out).apartFrom("q", q).apartFrom("k", k).apartFrom("v", v).apartFrom("slopes", slopes);
    contract.written("logSumExp", logSumExp)
        .apartFrom("out", out).apartFrom("q", q).apartFrom("k", k).apartFrom("v", v).apartFrom("slopes", slopes);
  }

  /** Without slopes. */
  public Attention(View out, View logSumExp, View q, View k, View v, double scale) {
    this(out, logSumExp, q, k, v, null, scale);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(List.of(Operand.write("out", out), Operand.write("logSumExp", logSumExp),
        Operand.read("q", q), Operand.read("k", k), Operand.read("v", v)));
    if (slopes != null) {
      operands.add(Operand.read("slopes", slopes));
    }
    return operands;
  }

  /** Two products of T²/2 · D multiply-adds each, per batch element and head. */
  @Override
  public long flops() {
    return 2 * out.elements() * out.size(2);
  }
}
