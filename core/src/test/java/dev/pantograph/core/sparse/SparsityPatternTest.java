package dev.pantograph.core.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Philox;
import dev.pantograph.spi.SparseIndices;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparsityPatternTest {
  private static final int ROWS = 24;
  private static final int COLUMNS = 32;
  private static final long SEED = 5;

  private static SparseIndices draw(String pattern, double density, long seed, long stream) {
    return SparsityPattern.named(pattern).draw("w", ROWS, COLUMNS, density, seed, stream);
  }

  private static BitSet places(SparseIndices indices) {
    return Places.of(indices);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bernoulli", "exact", "fan-in", "2:4", "block-4"})
  void aPatternIsAFunctionOfSeedAndStream(String pattern) {
    BitSet drawn = places(draw(pattern, 0.5, SEED, 1));

    assertThat(places(draw(pattern, 0.5, SEED, 1))).isEqualTo(drawn);
    assertThat(places(draw(pattern, 0.5, SEED + 1, 1))).isNotEqualTo(drawn);
    assertThat(places(draw(pattern, 0.5, SEED, 2))).isNotEqualTo(drawn);
    assertThat(SparsityPattern.named(pattern).label()).isEqualTo(pattern);
  }

  @Test
  void bernoulliIsTheAddressedStream() {
    BitSet drawn = places(draw("bernoulli", 0.3, SEED, 9));
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      assertThat(drawn.get(i)).as("place %d", i).isEqualTo(Philox.uniform(SEED, 9, i) < 0.3);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.01, 0.3, 0.5, 0.99})
  void exactHasTheRoundedNumberOfWeights(double density) {
    assertThat(draw("exact", density, SEED, 1).nonZeros())
        .isEqualTo((int) Math.max(1, Math.round(density * ROWS * COLUMNS)));
  }

  @Test
  void exactChoosesThePlacesOfTheLargestWords() {
    BitSet drawn = places(draw("exact", 0.25, SEED, 1));
    long least = drawn.stream().mapToLong(i -> Philox.word(SEED, 1, i)).min().orElseThrow();
    assertThat(IntStream.range(0, ROWS * COLUMNS).filter(i -> !drawn.get(i)).mapToLong(i -> Philox.word(SEED, 1, i))
        .max().orElseThrow()).isLessThan(least);
  }

  @ParameterizedTest
  @CsvSource({"fan-in, 0.3, 32, 10", "fan-in, 0.01, 32, 1", "2:4, 0.5, 4, 2", "1:8, 0.125, 8, 1", "4:4, 1, 4, 4"})
  void everyGroupOfARowHasItsNumber(String pattern, double density, int group, int kept) {
    SparseIndices indices = draw(pattern, density, SEED, 1);
    int[] counts = new int[ROWS * COLUMNS / group];
    places(indices).stream().forEach(place -> counts[place / group]++);
    assertThat(counts).containsOnly(kept);
  }

  @Test
  void allChoicesOfAGroupOccur() {
    BitSet drawn = places(draw("2:4", 0.5, SEED, 1));
    assertThat(IntStream.range(0, ROWS * COLUMNS / 4).mapToObj(g -> drawn.get(4 * g, 4 * g + 4).toString()).distinct())
        .hasSize(6);
  }

  @Test
  void blocksAreThereAsAWhole() {
    BitSet drawn = places(draw("block-4", 0.25, SEED, 1));
    int blocks = 0;
    for (int row = 0; row < ROWS; row += 4) {
      for (int column = 0; column < COLUMNS; column += 4) {
        int weights = 0;
        for (int i = 0; i < 16; i++) {
          weights += drawn.get((row + i / 4) * COLUMNS + column + i % 4) ? 1 : 0;
        }
        assertThat(weights).isIn(0, 16);
        blocks += weights / 16;
      }
    }
    assertThat(blocks).isEqualTo(ROWS * COLUMNS / 16 / 4);
  }

  @Test
  void aLargeBernoulliPatternHasItsDensity() {
    SparseIndices indices = new SparsityPattern.Bernoulli().draw("w", 500, 400, 0.2, SEED, 1);
    // Four standard deviations.
    assertThat(indices.nonZeros() / 200_000.0).isCloseTo(0.2, within(4 * Math.sqrt(0.2 * 0.8 / 200_000)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
    "2:5     | 0.4  | 'w': 32 columns (expected: a multiple of 5 for the pattern 2:5); choose another width",
    "2:4     | 0.25 | 'w': density 0.25 (expected: 0.5, which is the pattern 2:4); set it so for every layer",
    "block-5 | 0.5  | 'w': [24, 32] (expected: multiples of 5 for the pattern block-5); choose another width or block"})
  void whatDoesNotFitIsRefused(String pattern, double density, String message) {
    assertThatThrownBy(() -> draw(pattern, density, SEED, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "5:4", "0:4", "block-0", "2:4:8", ""})
  void unknownNamesAreRefused(String name) {
    assertThatThrownBy(() -> SparsityPattern.named(name)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pattern");
  }

  @Test
  void ofEqualKeysThoseOfLowerIndexAreTaken() {
    int[] keys = {7, 3, 7, 7, -1, 3};
    // As unsigned, -1 is the largest.
    assertThat(LargestKeys.of(6, 1, i -> keys[i]).toString()).isEqualTo("{4}");
    assertThat(LargestKeys.of(6, 3, i -> keys[i]).toString()).isEqualTo("{0, 2, 4}");
    assertThat(LargestKeys.of(6, 5, i -> keys[i]).toString()).isEqualTo("{0, 1, 2, 3, 4}");
    assertThat(LargestKeys.of(6, 0, i -> keys[i]).isEmpty()).isTrue();
    assertThat(LargestKeys.of(6, 6, i -> keys[i]).cardinality()).isEqualTo(6);
  }
}
