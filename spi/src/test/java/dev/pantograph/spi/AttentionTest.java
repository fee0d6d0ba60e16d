package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
import static dev.pantograph.spi.Operands.f64;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {
  private static final View OUT = f32("out", 2, 3, 8, 4);
  private static final View LOG_SUM_EXP = f32("lse", 2, 3, 8);
  private static final View Q = f32("q", 2, 3, 8, 4);
  private static final View K = f32("k", 2, 3, 8, 4);
  private static final View V = f32("v", 2, 3, 8, 4);
  private static final View D_OUT = f32("dOut", 2, 3, 8, 4);
  private static final View D_Q = f32("dq", 2, 3, 8, 4);
  private static final View D_K = f32("dk", 2, 3, 8, 4);
  private static final View D_V = f32("dv", 2, 3, 8, 4);
  private static final View SLOPES = f32("slopes", 3);
  private static final View PROJECTION = f32("dQkv", 2, 8, 36);

  @ParameterizedTest
  @MethodSource({"breaches", "overlaps"})
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("Attention: out is 'out' F32[3, 8, 4], needed rank 4",
            () -> new Attention(f32("out", 3, 8, 4), LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("Attention: logSumExp is 'lse' F32[2, 3], needed shape [2, 3, 8]",
            () -> new Attention(OUT, f32("lse", 2, 3), Q, K, V, 1)),
        new Breach("Attention: k is 'k' F32[2, 3, 7, 4], needed shape [2, 3, 8, 4]",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, f32("k", 2, 3, 7, 4), V, 1)),
        new Breach("Attention: v is 'v' F64[2, 3, 8, 4], needed type F32, which this kernel computes in, or BF16",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, f64("v", 2, 3, 8, 4), 1)),
        new Breach("Attention: q is 'q' F32[2, 3, 8, 4] strides [96, 32, 1, 8], "
                + "needed stride 1 in the last dimension; copy it first",
            () -> new Attention(OUT, LOG_SUM_EXP, f32("q", 2, 3, 4, 8).transpose(), K, V, 1)),
        new Breach("Attention: out 'q' F32[2, 3, 8, 4] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> new Attention(Q, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("Attention: slopes is 'slopes' F32[2], needed shape [3]",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, V, f32("slopes", 2), 1)),
        new Breach("Attention: slopes is 'slopes' F64[3], needed type F32, which this kernel computes in",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, V, f64("slopes", 3), 1)),
        new Breach("AttentionGradient: slopes is 'slopes' F32[2], needed shape [3]",
            () -> gradient(D_Q, D_K, D_V, f32("slopes", 2))),
        new Breach("AttentionGradient: dq is 'dq' F32[3, 8, 4], needed rank 4",
            () -> new AttentionGradient(f32("dq", 3, 8, 4), K, V, OUT, OUT, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("AttentionGradient: dv is 'dv' F32[2, 3, 8, 5], needed shape [2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, f32("dv", 2, 3, 8, 5))),
        new Breach("AttentionGradient: dk 'k' F32[2, 3, 8, 4] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, K, D_V)));
  }

  static Stream<Breach> overlaps() {
    return Stream.of(
        new Breach("Attention: logSumExp 'out' F32[2, 3, 8] overlaps out 'out' F32[2, 3, 8, 4]",
            () -> new Attention(OUT, f32Inside(OUT, 2, 3, 8), Q, K, V, 1)),
        new Breach("Attention: logSumExp 'q' F32[2, 3, 8] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> new Attention(OUT, f32Inside(Q, 2, 3, 8), Q, K, V, 1)),
        new Breach("Attention: logSumExp 'k' F32[2, 3, 8] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> new Attention(OUT, f32Inside(K, 2, 3, 8), Q, K, V, 1)),
        new Breach("Attention: logSumExp 'v' F32[2, 3, 8] overlaps v 'v' F32[2, 3, 8, 4]",
            () -> new Attention(OUT, f32Inside(V, 2, 3, 8), Q, K, V, 1)),
        new Breach("Attention: out 'out' F32[2, 3, 8, 4] overlaps slopes 'out' F32[3]",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, V, f32Inside(OUT, 3), 1)),
        new Breach("Attention: logSumExp 'lse' F32[2, 3, 8] overlaps slopes 'lse' F32[3]",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, V, f32Inside(LOG_SUM_EXP, 3), 1)),
        new Breach("AttentionGradient: dq 'dq' F32[2, 3, 8, 4] overlaps slopes 'dq' F32[3]",
            () -> gradient(D_Q, D_K, D_V, f32Inside(D_Q, 3))),
        new Breach("AttentionGradient: dk 'dk' F32[2, 3, 8, 4] overlaps slopes 'dk' F32[3]",
            () -> gradient(D_Q, D_K, D_V, f32Inside(D_K, 3))),
        new Breach("AttentionGradient: dv 'dv' F32[2, 3, 8, 4] overlaps slopes 'dv' F32[3]",
            () -> gradient(D_Q, D_K, D_V, f32Inside(D_V, 3))),
        new Breach("Attention: out 'k' F32[2, 3, 8, 4] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> new Attention(K, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("Attention: out 'v' F32[2, 3, 8, 4] overlaps v 'v' F32[2, 3, 8, 4]",
            () -> new Attention(V, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("AttentionGradient: dq 'dq' F32[2, 3, 8, 4] overlaps logSumExp 'dq' F32[2, 3, 8]",
            () -> new AttentionGradient(D_Q, D_K, D_V, D_OUT, OUT, f32Inside(D_Q, 2, 3, 8), Q, K, V, 1)),
        new Breach("AttentionGradient: dq 'dOut' F32[2, 3, 8, 4] overlaps dOut 'dOut' F32[2, 3, 8, 4]",
            () -> gradient(D_OUT, D_K, D_V)),
        new Breach("AttentionGradient: dq 'out' F32[2, 3, 8, 4] overlaps out 'out' F32[2, 3, 8, 4]",
            () -> gradient(OUT, D_K, D_V)),
        new Breach("AttentionGradient: dq 'q' F32[2, 3, 8, 4] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> gradient(Q, D_K, D_V)),
        new Breach("AttentionGradient: dq 'k' F32[2, 3, 8, 4] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> gradient(K, D_K, D_V)),
        new Breach("AttentionGradient: dq 'v' F32[2, 3, 8, 4] overlaps v 'v' F32[2, 3, 8, 4]",
            () -> gradient(V, D_K, D_V)),
        new Breach("AttentionGradient: dk 'dk' F32[2, 3, 8, 4] overlaps logSumExp 'dk' F32[2, 3, 8]",
            () -> new AttentionGradient(D_Q, D_K, D_V, D_OUT, OUT, f32Inside(D_K, 2, 3, 8), Q, K, V, 1)),
        new Breach("AttentionGradient: dk 'dOut' F32[2, 3, 8, 4] overlaps dOut 'dOut' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_OUT, D_V)),
        new Breach("AttentionGradient: dk 'out' F32[2, 3, 8, 4] overlaps out 'out' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, OUT, D_V)),
        new Breach("AttentionGradient: dk 'q' F32[2, 3, 8, 4] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, Q, D_V)),
        new Breach("AttentionGradient: dk 'v' F32[2, 3, 8, 4] overlaps v 'v' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, V, D_V)),
        new Breach("AttentionGradient: dv 'dv' F32[2, 3, 8, 4] overlaps logSumExp 'dv' F32[2, 3, 8]",
            () -> new AttentionGradient(D_Q, D_K, D_V, D_OUT, OUT, f32Inside(D_V, 2, 3, 8), Q, K, V, 1)),
        new Breach("AttentionGradient: dv 'dOut' F32[2, 3, 8, 4] overlaps dOut 'dOut' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, D_OUT)),
        new Breach("AttentionGradient: dv 'out' F32[2, 3, 8, 4] overlaps out 'out' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, OUT)),
        new Breach("AttentionGradient: dv 'q' F32[2, 3, 8, 4] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, Q)),
        new Breach("AttentionGradient: dv 'k' F32[2, 3, 8, 4] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, K)),
        new Breach("AttentionGradient: dv 'v' F32[2, 3, 8, 4] overlaps v 'v' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, V)),
        new Breach("AttentionGradient: dq 'dq' F32[2, 3, 8, 4] overlaps dk 'dq' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_Q, D_V)),
        new Breach("AttentionGradient: dq 'dq' F32[2, 3, 8, 4] overlaps dv 'dq' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, D_Q)),
        new Breach("AttentionGradient: dk 'dk' F32[2, 3, 8, 4] overlaps dv 'dk' F32[2, 3, 8, 4]",
            () -> gradient(D_Q, D_K, D_K)),
        new Breach("AttentionGradient: dk 'dQkv' F32[2, 3, 8, 4] strides [288, 4, 36, 1] "
                + "overlaps dv 'dQkv' F32[2, 3, 8, 4] strides [288, 4, 36, 1]",
            () -> gradient(third(0), third(12), third(23))));
  }

  private static AttentionGradient gradient(View dq, View dk, View dv) {
    return new AttentionGradient(dq, dk, dv, D_OUT, OUT, LOG_SUM_EXP, Q, K, V, 1);
  }

  private static AttentionGradient gradient(View dq, View dk, View dv, View slopes) {
    return new AttentionGradient(dq, dk, dv, D_OUT, OUT, LOG_SUM_EXP, Q, K, V, slopes, 1);
  }

  /** Twelve channels of {@code [B, T, 36]} as {@code [B, H, T, D]}. */
  private static View third(long from) {
    return PROJECTION.slice(-1, from, 12).split(2, 3).permute(0, 2, 1, 3);
  }

  @Test
  void gradientsMayInterleave() {
    assertThat(gradient(third(0), third(12), third(24)).operands().getFirst().view().overlaps(third(12))).isTrue();
  }

  @Test
  void countsHalfTheSquareForCausalProducts() {
    assertThat(new Attention(OUT, LOG_SUM_EXP, Q, K, V, 1).flops()).isEqualTo(2 * (2 * 3) * (8 * 8 / 2) * 4 * 2);
    assertThat(gradient(D_Q, D_K, D_V).flops())
        .isEqualTo(5 * (2 * 3) * (8 * 8 / 2) * 4 * 2);
  }

  @Test
  void countsEachOperandOnce() {
    assertThat(new Attention(OUT, LOG_SUM_EXP, Q, K, V, 1).bytes()).isEqualTo(4 * (4 * 192 + 48));
    assertThat(gradient(D_Q, D_K, D_V).bytes()).isEqualTo(4 * (8 * 192 + 48));
    assertThat(new Attention(OUT, LOG_SUM_EXP, Q, K, V, SLOPES, 1).bytes()).isEqualTo(4 * (4 * 192 + 48 + 3));
    assertThat(gradient(D_Q, D_K, D_V, SLOPES).bytes()).isEqualTo(4 * (8 * 192 + 48 + 3));
  }
}
