package dev.pantograph.spi;

import java.util.List;

/**
 * Gradient of {@link Attention} with respect to queries, keys and values. With {@code p[t,s] = exp(scale·q[t]·k[s] −
 * logSumExp[t])} for s ≤ t and {@code δ[t] = dOut[t]·out[t]}:
 * {@code dv[s] = Σ_t p[t,s]·dOut[t]}, {@code ds[t,s] = p[t,s]·(dOut[t]·v[s] − δ[t])},
 * {@code dq[t] = scale·Σ_s ds[t,s]·k[s]}, {@code dk[s] = scale·Σ_t ds[t,s]·q[t]}. The probabilities are recomputed, not
 * stored.
 *
 * @param dq written, {@code [B, H, T, D]}, stride 1 in D; so are {@code dk} and {@code dv}
 * @param dOut gradient of the result, {@code [B, H, T, D]}, stride 1 in D
 * @param out result of the forward kernel
 * @param logSumExp written by the forward kernel, {@code [B, H, T]}
 */
public record AttentionGradient(
    View dq, View dk, View dv, View dOut, View out, View logSumExp, View q, View k, View v, double scale)
    implements Kernel {

  public AttentionGradient {
    Contract contract = new Contract("AttentionGradient", dq);
    contract.rank("dq", dq, 4);
    contract.shape("logSumExp", logSumExp, dq.size(0), dq.size(1), dq.size(2)).contiguous("logSumExp", logSumExp);
    for (Operand operand : fourDimensional(dq, dk, dv, dOut, out, q, k, v)) {
      contract.shape(operand.name(), operand.view(), dq.shape()).unitInnerStride(operand.name(), operand.view());
    }
    for (View written : List.of(dq, dk, dv)) {
      contract.disjoint("a gradient", written, "dOut", dOut).disjoint("a gradient", written, "out", out)
          .disjoint("a gradient", written, "q", q).disjoint("a gradient", written, "k", k)
          .disjoint("a gradient", written, "v", v);
    }
  }

  private static List<Operand> fourDimensional(
      View dq, View dk, View dv, View dOut, View out, View q, View k, View v) {
    return List.of(Operand.write("dq", dq), Operand.write("dk", dk), Operand.write("dv", dv),
        Operand.read("dOut", dOut), Operand.read("out", out), Operand.read("q", q), Operand.read("k", k),
        Operand.read("v", v));
  }

  @Override
  public List<Operand> operands() {
    var operands = new java.util.ArrayList<>(fourDimensional(dq, dk, dv, dOut, out, q, k, v));
    operands.add(Operand.read("logSumExp", logSumExp));
    return operands;
  }

  /** Five products of T²/2 · D multiply-adds each, per batch element and head. */
  @Override
  public long flops() {
    return 5 * dq.elements() * dq.size(2);
  }
}
