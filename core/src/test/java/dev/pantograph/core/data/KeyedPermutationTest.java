package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedPermutationTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 7, 8, 9, 100, 1000, 1024, 1025, 4097})
  void everyIndexGoesToAPlaceOfItsOwn(long size) {
    KeyedPermutation permutation = new KeyedPermutation(size, 1, 2);

    long[] places = LongStream.range(0, size).map(permutation::apply).sorted().toArray();

    assertThat(places).isEqualTo(LongStream.range(0, size).toArray());
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE, (1L << 40) + 1, Long.MAX_VALUE})
  void largeSizesNeedNoMemory(long size) {
    KeyedPermutation permutation = new KeyedPermutation(size, 1, 2);

    long[] places = LongStream.range(0, 1000).map(permutation::apply).distinct().toArray();

    assertThat(LongStream.of(places)).hasSize(1000).allSatisfy(place -> assertThat(place).isBetween(0L, size - 1));
  }

  @Test
  void seedAndStreamEachChangeTheOrder() {
    long[] order = order(new KeyedPermutation(1000, 1, 2));

    assertThat(order(new KeyedPermutation(1000, 1, 2))).isEqualTo(order);
    assertThat(order(new KeyedPermutation(1000, 2, 2))).isNotEqualTo(order);
    assertThat(order(new KeyedPermutation(1000, 1, 3))).isNotEqualTo(order);
  }

  @Test
  void everyPlaceIsEquallyLikely() {
    int seeds = 10_000;
    long[] counts = new long[10];
    for (int seed = 0; seed < seeds; seed++) {
      counts[(int) new KeyedPermutation(10, seed, 0).apply(3)]++;
    }

    // Nine degrees of freedom: chi-squared exceeds 27.9 once in a thousand.
    double expected = seeds / 10.0;
    double chiSquared = LongStream.of(counts).mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
    assertThat(chiSquared).isLessThan(27.9);
  }

  @Test
  void indicesOutsideAreRefused() {
    KeyedPermutation permutation = new KeyedPermutation(10, 1, 2);

    assertThatThrownBy(() -> permutation.apply(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> permutation.apply(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new KeyedPermutation(0, 1, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  private static long[] order(KeyedPermutation permutation) {
    return LongStream.range(0, permutation.size()).map(permutation::apply).toArray();
  }
}
