package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalQuantilesTest {
  private static final long WORDS = 1L << 32;

  private static void assertSameBits(double[] probabilities) {
    double[] quantiles = probabilities.clone();
    new NormalQuantiles().replace(quantiles, quantiles.length);
    assertThat(quantiles).isEqualTo(Arrays.stream(probabilities).map(InverseNormal::quantile).toArray());
  }

  @Test
  void areTheSameBitsAllOverTheRange() {
    assertSameBits(LongStream.iterate(0, word -> word < WORDS, word -> word + 2011).mapToDouble(Philox::uniform)
        .toArray());
  }

  /**
   * Where one way to compute ends and another begins: the ends of the range, the centre's, and, in the tails, powers of
   * two, √2 times them and where the sum of a logarithm changes.
   */
  @Test
  void areTheSameBitsOnBothSidesOfEveryBorder() {
    DoubleStream inTails = DoubleStream.of(1, Math.sqrt(2), 1 + 0x0.6147ap0, 1 + 0x0.6b852p0).flatMap(significand ->
        LongStream.rangeClosed(4, 33).mapToDouble(exponent -> significand * Math.scalb(1.0, (int) -exponent)));
    long[] borders = DoubleStream.concat(inTails, DoubleStream.of(0, 0.5 - InverseNormal.SPLIT, 0.5))
        .mapToLong(p -> (long) (p * WORDS)).flatMap(word -> LongStream.of(word, WORDS - 1 - word)).toArray();
    assertSameBits(Arrays.stream(borders).flatMap(border -> LongStream.rangeClosed(border - 500, border + 500))
        .filter(word -> word >= 0 && word < WORDS).mapToDouble(Philox::uniform).toArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1023, 1025})
  void anyNumberOfThem(int count) {
    double[] values = new double[2000];
    Arrays.fill(values, 0.01);
    new NormalQuantiles().replace(values, count);
    assertThat(Arrays.copyOf(values, count)).containsOnly(count == 0 ? new double[0] : new double[] {
        InverseNormal.quantile(0.01)});
    assertThat(Arrays.copyOfRange(values, count, values.length)).containsOnly(0.01);
  }
}
