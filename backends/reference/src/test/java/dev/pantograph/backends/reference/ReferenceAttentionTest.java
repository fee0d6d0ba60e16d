package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceAttentionTest {
  private static final Offset<Double> ROUNDING = within(1e-14);
  private static final long B = 2;
  private static final long H = 3;
  private static final long T = 5;
  private static final long D = 4;
  private static final double SCALE = 0.5;

  @AutoClose private final Workbench bench = new Workbench();

  @Test
  void weighsValuesBySoftmaxOfScaledLogits() {
    View q = sequence(0.5, 1);
    View k = sequence(0, Math.log(3) / 2);
    View v = sequence(4, 8);
    View out = bench.unset(1, 1, 2, 1);
    View logSumExp = bench.unset(1, 1, 2);

    bench.run(new Attention(out, logSumExp, q, k, v, 2));

    assertThat(bench.values(out)).containsExactly(new double[] {4, 0.25 * 4 + 0.75 * 8}, ROUNDING);
    assertThat(bench.values(logSumExp)).containsExactly(new double[] {0, Math.log(4)}, ROUNDING);
  }

  @Test
  void doesNotLookAhead() {
    View q = sequence(1, 1, 1);
    View k = sequence(1, Double.NaN, Double.NaN);
    View v = sequence(7, Double.NaN, Double.NaN);
    View out = bench.zeros(1, 1, 3, 1);

    bench.run(new Attention(out, bench.unset(1, 1, 3), q, k, v, 1));

    assertThat(bench.values(out)[0]).isEqualTo(7);
    assertThat(bench.values(out)[1]).isNaN();
  }

  @Test
  void survivesLogitsWhosePowersOverflow() {
    View q = sequence(1000, 1000);
    View k = sequence(1000, 1000);
    View out = bench.unset(1, 1, 2, 1);
    View logSumExp = bench.unset(1, 1, 2);

    bench.run(new Attention(out, logSumExp, q, k, sequence(2, 4), 1));

    assertThat(bench.values(out)).containsExactly(new double[] {2, 3}, within(1e-9));
    assertThat(bench.values(logSumExp)).containsExactly(1e6, 1e6 + Math.log(2));
  }

  @Test
  void readsHeadsWhereAProjectionLeftThem() {
    View projection = bench.normal(B, T, 3 * H * D);
    View merged = bench.unset(B, T, H * D);
    View logSumExp = bench.unset(B, H, T);
    bench.run(new Attention(
        heads(merged, 0), logSumExp, heads(projection, 0), heads(projection, 1), heads(projection, 2), SCALE));

    View out = bench.unset(B, H, T, D);
    View expectedLogSumExp = bench.unset(B, H, T);
    bench.run(new Attention(out, expectedLogSumExp, bench.copyOf(heads(projection, 0)),
        bench.copyOf(heads(projection, 1)), bench.copyOf(heads(projection, 2)), SCALE));

    assertThat(bench.values(heads(merged, 0))).containsExactly(bench.values(out));
    assertThat(bench.values(logSumExp)).containsExactly(bench.values(expectedLogSumExp));
  }

  @Test
  void slopesLowerLogitsByDistance() {
    View zeros = bench.zeros(1, 2, 3, 1);
    View v = bench.tensor(Shape.of(1, 2, 3, 1), 1, 2, 3, 1, 2, 3);
    View out = bench.unset(1, 2, 3, 1);
    View logSumExp = bench.unset(1, 2, 3);
    View slopes = bench.tensor(Shape.of(2), Math.log(2), Math.log(3));

    bench.run(new Attention(out, logSumExp, zeros, zeros, v, slopes, 1));

    // Weights halve, or fall to a third, with each position further back.
    assertThat(bench.values(out)).containsExactly(
        new double[] {1, 5.0 / 3, 17.0 / 7, 1, 7.0 / 4, 34.0 / 13}, ROUNDING);
    assertThat(bench.values(logSumExp)).containsExactly(
        new double[] {0, Math.log(1.5), Math.log(1.75), 0, Math.log(4.0 / 3), Math.log(13.0 / 9)}, ROUNDING);
  }

  /** A slope times s alone, as one more channel of queries and keys, gives the same softmax as one times −(t − s). */
  @Test
  void slopesAreAsGoodAsPositionsInAKeyChannel() {
    View q = bench.normal(B, H, T, D + 1);
    View k = bench.normal(B, H, T, D + 1);
    View v = bench.normal(B, H, T, D);
    View slopes = bench.tensor(Shape.of(H), 0.5, 0.25, 2);
    for (long row = 0; row < B * H * T; row++) {
      Elements.of(q).set(row * (D + 1) + D, Elements.of(slopes).get(row / T % H) / SCALE);
      Elements.of(k).set(row * (D + 1) + D, row % T);
    }
    View expected = bench.unset(B, H, T, D + 1);
    View wider = bench.zeros(B, H, T, D + 1);
    for (long i = 0; i < v.elements(); i++) {
      Elements.of(wider).set(i / D * (D + 1) + i % D, Elements.of(v).get(i));
    }
    bench.run(new Attention(expected, bench.unset(B, H, T), q, k, wider, SCALE));

    View out = bench.unset(B, H, T, D);
    bench.run(new Attention(out, bench.unset(B, H, T), q.slice(3, 0, D), k.slice(3, 0, D), v, slopes, SCALE));

    assertThat(bench.values(out)).containsExactly(bench.values(expected.slice(3, 0, D)), within(1e-12));
  }

  private View sequence(double... values) {
    return bench.tensor(Shape.of(1, 1, values.length, 1), values);
  }

  /** Part {@code i} of {@code [B, T, n·H·D]} as {@code [B, H, T, D]}. */
  private static View heads(View projection, long i) {
    return projection.slice(2, i * H * D, H * D).split(2, H).permute(0, 2, 1, 3);
  }
}
