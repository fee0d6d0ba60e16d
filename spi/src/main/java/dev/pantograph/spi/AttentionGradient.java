package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradient of {@link Attention} with respect to queries, keys and values. With {@code p[t,s] = exp(scale·q[t]·k[s] −
 * logSumExp[t])} for s ≤ t and {@code δ[t] = dOut[t]·out[t]}:
 * {@code dv[s] = Σ_t p[t,s]·dOut[t]}, {@code ds[t,s] = p[t,s]·(dOut[t]·v[s] − δ[t])},
 * {@code dq[t] = scale·Σ_s ds[t,s]·k[s]}, {@code dk[s] = scale·Σ_t ds[t,s]·q[t]}. The probabilities are recomputed, not
 * stored; slopes are constants. All but {@code logSumExp} and the slopes may be stored in BF16.
 *
 * @param dq written, {@code [B, H, T, D]}, stride 1 in D; so are {@code dk} and {@code dv}. The three may be
 *     interleaved slices of one buffer
 * @param dOut gradient of the result, {@code [B, H, T, D]}, stride 1 in D
 * @param out result of the forward kernel
 * @param logSumExp written by the forward kernel, {@code [B, H, T]}
 * @param slopes of the forward kernel, {@code [H]}; absent means 0
 */
public record AttentionGradient(
    View dq, View dk, View dv, View dOut, View out, View logSumExp, View q, View k, View v,
    @Nullable View slopes, double scale)
    implements Kernel {

  public AttentionGradient {
    Contract contract = new Contract("AttentionGradient", dq);
    contract.rank("dq", dq, 4);
    contract.that(dq.size(3) > 0, "dq is %s, needed a head dim of at least 1", dq);
    contract.shape("logSumExp", logSumExp, dq.size(0), dq.size(1), dq.size(2)).contiguous("logSumExp", logSumExp);
    contract.unitInnerStride("dq", dq);
    contract.stored("dk", dk, dq.shape()).unitInnerStride("dk", dk);
    contract.stored("dv", dv, dq.shape()).unitInnerStride("dv", dv);
    contract.stored("dOut", dOut, dq.shape()).unitInnerStride("dOut", dOut);
    contract.stored("out", out, dq.shape()).unitInnerStride("out", out);
    contract.stored("q", q, dq.shape()).unitInnerStride("q", q);
    contract.stored("k", k, dq.shape()).unitInnerStride("k", k);
    contract.stored("v", v, dq.shape()).unitInnerStride("v", v);
    if (slopes != null) {
      contract.shape("slopes", slopes, dq.size(1)).contiguous("slopes", slopes);
    }
    contract.written("dq", dq).sharingNothingWith("dk", dk).sharingNothingWith("dv", dv)
        .apartFrom("dOut", dOut).apartFrom("out", out).apartFrom("logSumExp", logSumExp)
        .apartFrom("q", q).apartFrom("k", k).apartFrom("v", v).apartFrom("slopes", slopes);
    contract.written("dk", dk).sharingNothingWith("dv", dv)
        .apartFrom("dOut", dOut).apartFrom("out", out).apartFrom("logSumExp", logSumExp)
        .apartFrom("q", q).apartFrom("k", k).apartFrom("v", v).apartFrom("slopes", slopes);
    contract.written("dv", dv)
        .apartFrom("dOut", dOut).apartFrom("out", out).apartFrom("logSumExp", logSumExp)
        .apartFrom("q", q).apartFrom("k", k).apartFrom("v", v).apartFrom("slopes", slopes);
  }

  /** Without slopes. */
  public AttentionGradient(
      View dq, View dk, View dv, View dOut, View out, View logSumExp, View q, View k, View v, double scale) {
    this(dq, dk, dv, dOut, out, logSumExp, q, k, v, null, scale);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(List.of(
        Operand.write("dq", dq), Operand.write("dk", dk), Operand.write("dv", dv),
        Operand.read("dOut", dOut), Operand.read("out", out), Operand.read("logSumExp", logSumExp),
        Operand.read("q", q), Operand.read("k", k), Operand.read("v", v)));
    if (slopes != null) {
      operands.add(Operand.read("slopes", slopes));
    }
    return operands;
  }

  /** Five products of T²/2 · D multiply-adds each, per batch element and head. */
  @Override
  public long flops() {
    return 5 * dq.elements() * dq.size(2);
  }
}
