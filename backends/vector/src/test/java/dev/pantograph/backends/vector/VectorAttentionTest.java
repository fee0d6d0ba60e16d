package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class VectorAttentionTest {

  /** Part i of a {@code [B, T, parts·C]} operand, seen by heads. */
  private static View heads(View packed, int part, int heads, int width) {
    return packed.slice(2, (long) part * heads * width, (long) heads * width).split(2, heads).permute(0, 2, 1, 3);
  }

  private static Attention kernel(Operands o, int batch, int heads, int time, int width) {
    View qkv = o.normal("qkv", batch, time, 3L * heads * width);
    View out = heads(o.normal("out", batch, time, (long) heads * width), 0, heads, width);
    return new Attention(out, o.normal("logSumExp", batch, heads, time), heads(qkv, 0, heads, width),
        heads(qkv, 1, heads, width), heads(qkv, 2, heads, width), 1 / Math.sqrt(width));
  }

  @Test
  void laterTokensDoNotShow() {
    var first = new AtomicReference<Attention>();
    var second = new AtomicReference<Attention>();
    int time = 100;
    int seen = 71;
    try (Operands one = Operands.run(4, 1, o -> {
          first.set(kernel(o, 1, 1, time, 16));
          return first.get();
        });
        Operands other = Operands.run(4, 1, o -> {
          Attention k = kernel(o, 1, 1, time, 16);
          for (int t = seen; t < time; t++) {
            for (int d = 0; d < 16; d++) {
              Operands.set(k.k(), 1e3, 0, 0, t, d);
              Operands.set(k.v(), 1e30, 0, 0, t, d);
            }
          }
          second.set(k);
          return k;
        })) {
      assertThat(one).isNotSameAs(other);
      for (int t = 0; t < seen; t++) {
        assertThat(Operands.get(second.get().logSumExp(), 0, 0, t))
            .isEqualTo(Operands.get(first.get().logSumExp(), 0, 0, t));
        for (int d = 0; d < 16; d++) {
          assertThat(Operands.get(second.get().out(), 0, 0, t, d))
              .isEqualTo(Operands.get(first.get().out(), 0, 0, t, d));
        }
      }
    }
  }

  @Test
  void greatScoresDoNotOverflow() {
    var kernel = new AtomicReference<Attention>();
    try (Operands operands = Operands.run(4, 1, o -> {
      Attention k = kernel(o, 1, 1, 70, 4);
      for (int t = 0; t < 70; t++) {
        for (int d = 0; d < 4; d++) {
          Operands.set(k.q(), 1e3, 0, 0, t, d);
          Operands.set(k.k(), t * 1e3, 0, 0, t, d);
          Operands.set(k.v(), t, 0, 0, t, d);
        }
      }
      kernel.set(k);
      return k;
    })) {
      assertThat(operands).isNotNull();
      for (int t = 0; t < 70; t++) {
        assertThat(Operands.get(kernel.get().out(), 0, 0, t, 0)).isEqualTo(t);
      }
    }
  }
}
