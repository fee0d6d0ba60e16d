package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhiloxTest {
  private static final long SEED = 42;
  private static final long STREAM = 7;
  private static final int SAMPLES = 200_000;

  @Test
  void agreesWithThePublishedKnownAnswers() {
    // Counter and key words are listed lowest first by the authors, so the second word is the upper half of a long.
    assertThat(block(0, 0, 0))
        .containsExactly(0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L);
    assertThat(block(-1, -1, -1))
        .containsExactly(0x408f276dL, 0x41c83b0eL, 0xa20bc7c6L, 0x6d5451fdL);
    assertThat(block(0x299f31d0_a4093822L, 0x03707344_13198a2eL, 0x85a308d3_243f6a88L))
        .containsExactly(0xd16cfe09L, 0x94fdccebL, 0x5001e420L, 0x24126ea1L);
  }

  @Test
  void countsFourWordsToABlock() {
    for (long index : new long[] {0, 1, 2, 3, 4, 7, 1L << 40 | 5, Long.MAX_VALUE}) {
      assertThat(Philox.word(SEED, STREAM, index))
          .isEqualTo(block(SEED, STREAM, index / 4)[(int) (index % 4)]);
    }
  }

  @Test
  void uniformNeverReachesItsEndPoints() {
    assertThat(Arrays.stream(uniforms())).allMatch(u -> 0 < u && u < 1);
    assertThat(Philox.uniform(0, 0, 0)).isEqualTo((0x6627e8d5L + 0.5) / 0x1p32);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "0, 9", "1, 2", "1, 3", "2, 7", "3, 1", "3, 50", "9223372036854775800, 8"})
  void uniformsAreTheValuesAtTheirPositions(long firstIndex, int count) {
    double[] values = new double[count + 1];
    values[count] = -1;

    Philox.uniforms(SEED, STREAM, firstIndex, values, count);

    for (int i = 0; i < count; i++) {
      assertThat(values[i]).isEqualTo(Philox.uniform(SEED, STREAM, firstIndex + i));
    }
    assertThat(values[count]).as("behind the last").isEqualTo(-1);
  }

  @Test
  void uniformHasTheMomentsOfItsDistribution() {
    assertThat(mean(uniforms(), 1)).isCloseTo(1.0 / 2, within(0.003));
    assertThat(mean(uniforms(), 2)).isCloseTo(1.0 / 3, within(0.003));
  }

  @Test
  void normalHasTheMomentsOfItsDistribution() {
    double[] normals = IntStream.range(0, SAMPLES).mapToDouble(i -> Philox.normal(SEED, STREAM, i)).toArray();

    // Five standard errors: √(1, 2, 15, 96) / √SAMPLES for the first four moments.
    assertThat(mean(normals, 1)).isCloseTo(0, within(0.012));
    assertThat(mean(normals, 2)).isCloseTo(1, within(0.016));
    assertThat(mean(normals, 3)).isCloseTo(0, within(0.044));
    assertThat(mean(normals, 4)).isCloseTo(3, within(0.11));
  }

  @Test
  void normalStaysBelowTheDocumentedBound() {
    assertThat(InverseNormal.quantile(0.5 * 0x1p-32)).isBetween(-6.4, -6.0);
    assertThat(InverseNormal.quantile((0xffffffffL + 0.5) * 0x1p-32)).isBetween(6.0, 6.4);
  }

  @Test
  void streamsAndSeedsAreUncorrelated() {
    double acrossStreams = 0;
    double acrossSeeds = 0;
    for (int i = 0; i < SAMPLES; i++) {
      acrossStreams += Philox.normal(SEED, STREAM, i) * Philox.normal(SEED, STREAM + 1, i);
      acrossSeeds += Philox.normal(SEED, STREAM, i) * Philox.normal(SEED + 1, STREAM, i);
    }
    assertThat(acrossStreams / SAMPLES).isCloseTo(0, within(0.012));
    assertThat(acrossSeeds / SAMPLES).isCloseTo(0, within(0.012));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, (1L << 34) - 1021, Long.MAX_VALUE - 5000})
  void neighboursAreTheSameAsOneByOne(long firstIndex) {
    for (long seed : new long[] {0, -1, 0x89ABCDEF01234567L}) {
      for (int count : new int[] {0, 1, 2, 1024, 4099}) {
        double[] uniforms = new double[count + 1];
        Philox.uniforms(seed, ~seed, firstIndex, uniforms, count);
        assertThat(Arrays.copyOf(uniforms, count)).isEqualTo(LongStream.range(firstIndex, firstIndex + count)
            .mapToDouble(i -> Philox.uniform(seed, ~seed, i)).toArray());
        assertThat(uniforms[count]).isZero();
      }
    }
  }

  @Test
  void belowReachesEveryIntegerUnderItsBoundAboutEquallyOften() {
    long[] counts = new long[7];
    LongStream.range(0, 70_000).forEach(i -> counts[(int) Philox.below(7, SEED, STREAM, i)]++);

    assertThat(Arrays.stream(counts)).allMatch(count -> 9_500 < count && count < 10_500);
  }

  @Test
  void belowScalesSixtyFourBits() {
    long bits = Philox.word(0, 0, 0) << 32 | Philox.word(0, 0, 1);

    assertThat(Philox.below(Long.MAX_VALUE, 0, 0, 0)).isEqualTo(Math.unsignedMultiplyHigh(bits, Long.MAX_VALUE));
    assertThat(Philox.below(Long.MAX_VALUE, 0, 0, 0) >>> 32).isEqualTo(0x6627e8d5L >>> 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void belowRefusesBoundsWithNothingUnderThem(long bound) {
    assertThatThrownBy(() -> Philox.below(bound, SEED, STREAM, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("random integer below " + bound + " (expected: a positive bound)");
  }

  private static long[] block(long seed, long stream, long counter) {
    int[] words = new int[4];
    Philox.block(seed, stream, counter, words);
    return Arrays.stream(words).mapToLong(Integer::toUnsignedLong).toArray();
  }

  private static double[] uniforms() {
    return IntStream.range(0, SAMPLES).mapToDouble(i -> Philox.uniform(SEED, STREAM, i)).toArray();
  }

  private static double mean(double[] values, int power) {
    return IntStream.range(0, values.length).mapToDouble(i -> Math.pow(values[i], power)).average().orElseThrow();
  }
}
