package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.Randomize.Distribution.Bernoulli;
import dev.pantograph.spi.Randomize.Distribution.Normal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomizeTest {
  @Test
  void normalShiftsAndScalesTheStandardNormal() {
    assertThat(new Normal(3, 0.5).sample(1, 2, 3)).isEqualTo(3 + 0.5 * Philox.normal(1, 2, 3));
    assertThat(new Normal(3, 0).sample(1, 2, 3)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.125, 0.5, 0.9, 1})
  void bernoulliKeepsItsShare(double probability) {
    Bernoulli mask = new Bernoulli(probability);

    double[] samples = IntStream.range(0, 100_000).mapToDouble(i -> mask.sample(1, 2, i)).toArray();

    assertThat(Arrays.stream(samples)).allMatch(sample -> sample == 0 || sample == 1);
    // Five standard errors.
    double error = 5 * Math.sqrt(probability * (1 - probability) / samples.length);
    assertThat(Arrays.stream(samples).average().orElseThrow())
        .isCloseTo(probability, within(error));
  }

  @Test
  void manySamplesAreTheSameBitsAsOneByOne() {
    for (Distribution distribution : List.of(new Normal(3, 0.5), new Normal(0, 1), new Bernoulli(0.3))) {
      for (int firstIndex : new int[] {0, 1, 2, 3, 5000}) {
        double[] samples = new double[1003];

        distribution.samples(1, 2, firstIndex, samples, samples.length);

        assertThat(samples).isEqualTo(
            IntStream.range(0, samples.length).mapToDouble(i -> distribution.sample(1, 2, firstIndex + i)).toArray());
      }
    }
  }

  @Test
  void distributionsRefuseParametersThatAreNone() {
    assertThatThrownBy(() -> new Normal(0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("normal distribution: std -1.0 (expected: ≥ 0)");
    assertThatThrownBy(() -> new Normal(0, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Bernoulli(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Bernoulli distribution: probability 1.5 (expected: [0, 1])");
    assertThatThrownBy(() -> new Bernoulli(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fillsRealNumbersWithoutGapsOnly() {
    Normal normal = new Normal(0, 1);

    new Breach("Randomize: computes in floating-point types, found 'out' I32[2]",
        () -> new Randomize(Operands.i32("out", 2), normal, 1, 2)).assertRefused();
    new Breach("Randomize: out is 'out' F32[3, 2] strides [1, 3], needed contiguous elements; copy it first",
        () -> new Randomize(Operands.f32("out", 2, 3).transpose(), normal, 1, 2)).assertRefused();
  }
}
