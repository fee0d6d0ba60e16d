package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
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

  @ParameterizedTest
  @MethodSource("breaches")
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
        new Breach("Attention: v is 'v' F64[2, 3, 8, 4], needed type F32 like the first operand",
            () -> new Attention(OUT, LOG_SUM_EXP, Q, K, f64("v", 2, 3, 8, 4), 1)),
        new Breach("Attention: q is 'q' F32[2, 3, 8, 4] strides [96, 32, 1, 8], "
                + "needed stride 1 in the last dimension; copy it first",
            () -> new Attention(OUT, LOG_SUM_EXP, f32("q", 2, 3, 4, 8).transpose(), K, V, 1)),
        new Breach("Attention: out 'q' F32[2, 3, 8, 4] overlaps q 'q' F32[2, 3, 8, 4]",
            () -> new Attention(Q, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("AttentionGradient: dq is 'dq' F32[3, 8, 4], needed rank 4",
            () -> new AttentionGradient(f32("dq", 3, 8, 4), K, V, OUT, OUT, LOG_SUM_EXP, Q, K, V, 1)),
        new Breach("AttentionGradient: dv is 'dv' F32[2, 3, 8, 5], needed shape [2, 3, 8, 4]",
            () -> gradient(f32("dk", 2, 3, 8, 4), f32("dv", 2, 3, 8, 5))),
        new Breach("AttentionGradient: a gradient 'k' F32[2, 3, 8, 4] overlaps k 'k' F32[2, 3, 8, 4]",
            () -> gradient(K, f32("dv", 2, 3, 8, 4))));
  }

  private static AttentionGradient gradient(View dk, View dv) {
    View dOut = f32("dOut", 2, 3, 8, 4);
    return new AttentionGradient(f32("dq", 2, 3, 8, 4), dk, dv, dOut, OUT, LOG_SUM_EXP, Q, K, V, 1);
  }

  @Test
  void countsHalfTheSquareForCausalProducts() {
    assertThat(new Attention(OUT, LOG_SUM_EXP, Q, K, V, 1).flops()).isEqualTo(2 * (2 * 3) * (8 * 8 / 2) * 4 * 2);
    assertThat(gradient(f32("dk", 2, 3, 8, 4), f32("dv", 2, 3, 8, 4)).flops())
        .isEqualTo(5 * (2 * 3) * (8 * 8 / 2) * 4 * 2);
  }

  @Test
  void countsEachOperandOnce() {
    assertThat(new Attention(OUT, LOG_SUM_EXP, Q, K, V, 1).bytes()).isEqualTo(4 * (4 * 192 + 48));
    assertThat(gradient(f32("dk", 2, 3, 8, 4), f32("dv", 2, 3, 8, 4)).bytes()).isEqualTo(4 * (8 * 192 + 48));
  }
}
