package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void medianIsTheMiddleWhateverTheOrder() {
    assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4, 1, 9));
    assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 6.0))).isEqualTo(new Spread(5, 1, 9));
    assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7));
  }

  @Test
  void nothingHasNoMedian() {
    assertThatIllegalArgumentException().isThrownBy(() -> Spread.of(List.of())).withMessageContaining("no samples");
  }

  @Test
  void geometricMeanOfRatiosAndOfTheirInversesAreInverses() {
    assertThat(Spread.geometricMean(1, 2, 4)).isCloseTo(2, within(1e-12));
    assertThat(Spread.geometricMean(1 / 0.7, 1 / 1.9) * Spread.geometricMean(0.7, 1.9)).isCloseTo(1, within(1e-12));
  }
}
