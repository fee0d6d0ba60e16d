package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InverseNormalTest {
  private static final double RELATIVE = 2e-15;

  @ParameterizedTest
  @CsvSource({
    "0.75, 0.6744897501960817432",
    "0.9, 1.2815515655446005935",
    "0.925, 1.4395314709384562291",
    "0.926, 1.4466320671589788072",
    "0.975, 1.9599639845400538556",
    "0.99, 2.3263478740408407676",
    "0.999, 3.0902323061678132778",
    "0.9999, 3.7190164854557083867",
    "1e-10, -6.3613409024040561991",
    "1e-20, -9.2623400897984075796",
    "1e-300, -37.047096299361199237"
  })
  void hasKnownValuesInEveryRangeOfItsApproximation(double p, double z) {
    assertThat(InverseNormal.quantile(p)).isCloseTo(z, within(RELATIVE * Math.abs(z)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.25, 0.125, 0.0625, 0x1p-10, 0x1p-33, 0x1p-50})
  void isAntisymmetricAboutOneHalf(double p) {
    assertThat(InverseNormal.quantile(1 - p)).isEqualTo(-InverseNormal.quantile(p) + 0.0);
  }

  @Test
  void growsWithTheProbability() {
    double previous = Double.NEGATIVE_INFINITY;
    for (int i = 1; i < 10_000; i++) {
      double z = InverseNormal.quantile(i / 10_000.0);
      assertThat(z).isGreaterThan(previous);
      previous = z;
    }
  }
}
