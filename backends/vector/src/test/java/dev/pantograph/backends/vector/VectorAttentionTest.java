package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorAttentionTest {

  /** Part i of a {@code [B, T, parts·C]} operand, seen by heads. */
  private static View heads(View packed, int part, int heads, int width) {
    return packed.slice(2, (long) part * heads * width, (long) heads * width).split(2, heads).permute(0, 2, 1, 3);
  }

  /** A quarter, an eighth and so on: the furthest weights stay in the range of float32. */
  private static View slopes(Operands o, int heads) {
    View slopes = o.normal("slopes", heads);
    for (int h = 0; h < heads; h++) {
      Operands.set(slopes, Math.scalb(1, -h - 2), h);
    }
    return slopes;
  }

  private static Attention kernel(Operands o, int batch, int heads, int time, int width, boolean sloping) {
    View qkv = o.normal("qkv", batch, time, 3L * heads * width);
    View out = heads(o.normal("out", batch, time, (long) heads * width), 0, heads, width);
    return new Attention(out, o.normal("logSumExp", batch, heads, time), heads(qkv, 0, heads, width),
        heads(qkv, 1, heads, width), heads(qkv, 2, heads, width),
        sloping ? slopes(o, heads) : null, 1 / Math.sqrt(width));
  }

  /** The gradient with {@code out} and {@code logSumExp} as the formula gives them. */
  private static AttentionGradient gradientKernel(
      Operands o, int batch, int heads, int time, int width, boolean sloping) {
    Attention forward = kernel(o, batch, heads, time, width, sloping);
    View gradients = o.normal("dqkv", batch, time, 3L * heads * width);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < time; t++) {
          Row row = new Row(forward.q(), forward.k(), forward.v(), forward.slopes(), forward.scale(), b, h, t);
          Operands.set(forward.logSumExp(), row.logSumExp, b, h, t);
          for (int d = 0; d < width; d++) {
            Operands.set(forward.out(), row.out[d], b, h, t, d);
          }
        }
      }
    }
    View dOut = heads(o.normal("dOut", batch, time, (long) heads * width), 0, heads, width);
    return new AttentionGradient(heads(gradients, 0, heads, width), heads(gradients, 1, heads, width),
        heads(gradients, 2, heads, width), dOut, forward.out(), forward.logSumExp(), forward.q(), forward.k(),
        forward.v(), forward.slopes(), forward.scale());
  }

  /** One query in float64. */
  private static final class Row {
    final double[] weights;
    final double[] out;
    final double[] magnitudes;
    final double logSumExp;
    /** Bound of the error of a float32 score, which is the relative error of its weight. */
    final double scoreError;

    Row(View q, View k, View v, @Nullable View slopes, double scale, int b, int h, int t) {
      double slope = slopes == null ? 0 : Operands.get(slopes, h);
      int width = (int) q.size(3);
      weights = new double[t + 1];
      double sum = 0;
      double greatest = 0;
      for (int s = 0; s <= t; s++) {
        double dot = 0;
        double magnitude = 0;
        for (int d = 0; d < width; d++) {
          double product = Operands.get(q, b, h, t, d) * Operands.get(k, b, h, s, d);
          dot += product;
          magnitude += Math.abs(product);
        }
        greatest = Math.max(greatest, scale * magnitude + Math.abs(slope) * (t - s));
        weights[s] = StrictMath.exp(scale * dot - slope * (t - s));
        sum += weights[s];
      }
      logSumExp = StrictMath.log(sum);
      scoreError = KernelTolerance.ofLength(width).of(greatest);
      out = new double[width];
      magnitudes = new double[width];
      for (int s = 0; s <= t; s++) {
        weights[s] /= sum;
        for (int d = 0; d < width; d++) {
          out[d] += weights[s] * Operands.get(v, b, h, s, d);
          magnitudes[d] += weights[s] * Math.abs(Operands.get(v, b, h, s, d));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,2,3,4,false", "1,1,0,4,true", "1,1,1,1,true", "2,1,2,3,false", "1,2,17,16,true", "2,3,64,32,false",
    "1,2,65,8,false", "1,1,131,33,true", "1,1,150,64,false", "2,2,97,7,true", "3,6,70,80,true", "1,2,129,128,false",
    "1,1,257,16,false"
  })
  void matchesTheFormula(int batch, int heads, int time, int width, boolean sloping) {
    var kernel = new AtomicReference<Attention>();
    try (Operands operands = Operands.run(time + width, 2, o -> {
      kernel.set(kernel(o, batch, heads, time, width, sloping));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      Attention k = kernel.get();
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < heads; h++) {
          for (int t = 0; t < time; t++) {
            Row row = new Row(k.q(), k.k(), k.v(), k.slopes(), k.scale(), b, h, t);
            KernelTolerance tolerance = KernelTolerance.ofLength(t + 1).plus(2 * row.scoreError);
            assertThat(Operands.get(k.logSumExp(), b, h, t))
                .isCloseTo(row.logSumExp, within(tolerance.of(1 + Math.abs(row.logSumExp))));
            for (int d = 0; d < width; d++) {
              assertThat(Operands.get(k.out(), b, h, t, d)).as("[%d, %d, %d, %d]", b, h, t, d)
                  .isCloseTo(row.out[d], within(tolerance.of(row.magnitudes[d])));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,2,3,4,false", "1,1,0,4,true", "1,1,1,1,true", "2,1,2,3,false", "1,2,17,16,true", "2,3,64,32,false",
    "1,2,65,8,false", "1,1,131,33,true", "1,1,150,64,false", "2,2,97,7,true", "3,6,70,80,true", "1,2,129,128,false",
    "1,1,257,16,false"
  })
  void theGradientMatchesTheFormula(int batch, int heads, int time, int width, boolean sloping) {
    var kernel = new AtomicReference<AttentionGradient>();
    try (Operands operands = Operands.run(time + width, 2, o -> {
      kernel.set(gradientKernel(o, batch, heads, time, width, sloping));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < heads; h++) {
          checkHead(kernel.get(), b, h, time, width);
        }
      }
    }
  }

  private static void checkHead(AttentionGradient k, int b, int h, int time, int width) {
    double[][][] expected = new double[3][time][width];
    double[][][] magnitudes = new double[3][time][width];
    double inherited = 0;
    for (int t = 0; t < time; t++) {
      Row row = new Row(k.q(), k.k(), k.v(), k.slopes(), k.scale(), b, h, t);
      inherited = Math.max(inherited, 2 * row.scoreError + 2 * KernelTolerance.UNIT_ROUNDOFF * Math.abs(row.logSumExp));
      for (int s = 0; s <= t; s++) {
        double slope = 0;
        double size = 0;
        for (int d = 0; d < width; d++) {
          double dOut = Operands.get(k.dOut(), b, h, t, d);
          double v = Operands.get(k.v(), b, h, s, d);
          slope += dOut * (v - row.out[d]);
          size += Math.abs(dOut) * (Math.abs(v) + Math.abs(row.out[d]));
        }
        double ds = k.scale() * row.weights[s] * slope;
        double dsSize = k.scale() * row.weights[s] * size;
        for (int d = 0; d < width; d++) {
          double dOut = Operands.get(k.dOut(), b, h, t, d);
          double q = Operands.get(k.q(), b, h, t, d);
          double key = Operands.get(k.k(), b, h, s, d);
          add(expected[0][t], magnitudes[0][t], d, ds * key, dsSize * Math.abs(key));
          add(expected[1][s], magnitudes[1][s], d, ds * q, dsSize * Math.abs(q));
          add(expected[2][s], magnitudes[2][s], d, row.weights[s] * dOut, row.weights[s] * Math.abs(dOut));
        }
      }
    }
    KernelTolerance tolerance = KernelTolerance.ofLength(time + width).plus(inherited);
    View[] views = {k.dq(), k.dk(), k.dv()};
    String[] names = {"dq", "dk", "dv"};
    for (int i = 0; i < views.length; i++) {
      for (int t = 0; t < time; t++) {
        for (int d = 0; d < width; d++) {
          assertThat(Operands.get(views[i], b, h, t, d)).as("%s[%d, %d, %d, %d]", names[i], b, h, t, d)
              .isCloseTo(expected[i][t][d], within(tolerance.of(magnitudes[i][t][d])));
        }
      }
    }
  }

  private static void add(double[] sums, double[] magnitudes, int d, double term, double magnitude) {
    sums[d] += term;
    magnitudes[d] += magnitude;
  }

  @Test
  void laterTokensDoNotShow() {
    var first = new AtomicReference<Attention>();
    var second = new AtomicReference<Attention>();
    int time = 100;
    int seen = 71;
    try (Operands one = Operands.run(4, 1, o -> {
          first.set(kernel(o, 1, 1, time, 16, false));
          return first.get();
        });
        Operands other = Operands.run(4, 1, o -> {
          Attention k = kernel(o, 1, 1, time, 16, false);
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
      Attention k = kernel(o, 1, 1, 70, 4, false);
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

  @Test
  void theBitsDoNotDependOnThreads() {
    Operands.assertSameBitsOnAnyThreads(1, o -> kernel(o, 2, 3, 130, 24, true));
    Operands.assertSameBitsOnAnyThreads(2, o -> gradientKernel(o, 2, 3, 130, 24, true));
  }
}
