package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorFunctionTest {
  /** A few roundings. */
  private static final double RELATIVE = 1e-15;

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1124629160182848984047, 0.8875370839817151015953",
    "0.5, 0.5204998778130465376827, 0.4795001221869534623173",
    "1, 0.8427007929497148693412, 0.1572992070502851306588",
    "1.5, 0.966105146475310727067, 0.03389485352468927293302",
    "2, 0.9953222650189527341621, 0.004677734981047265837931",
    "3, 0.9999779095030014145586, 0.00002209049699858544137278",
    "6, 0.9999999999999999784803, 2.151973671249891311659e-17",
    "10, 1, 2.088487583762544757001e-45",
    "26, 1, 5.663192408856142846476e-296"
  })
  void keepsRelativeAccuracyIntoTheTail(double x, double erf, double erfc) {
    assertThat(ErrorFunction.erf(x)).isCloseTo(erf, within(RELATIVE * erf));
    assertThat(ErrorFunction.erfc(x)).isCloseTo(erfc, within(RELATIVE * erfc));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.3, 0.9999, 1, 1.7, 5, 30})
  void isOddAndItsComplementReflects(double x) {
    assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
    assertThat(ErrorFunction.erfc(-x)).isCloseTo(1 + ErrorFunction.erf(x), within(RELATIVE));
  }

  @Test
  void isContinuousWhereTheExpansionsMeet() {
    double below = Math.nextDown(1.0);
    assertThat(ErrorFunction.erf(below)).isCloseTo(ErrorFunction.erf(1), within(RELATIVE));
    assertThat(ErrorFunction.erfc(below)).isCloseTo(ErrorFunction.erfc(1), within(RELATIVE));
  }

  @Test
  void reachesItsLimits() {
    assertThat(ErrorFunction.erf(0)).isZero();
    assertThat(ErrorFunction.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(ErrorFunction.erfc(Double.POSITIVE_INFINITY)).isZero();
    assertThat(ErrorFunction.erfc(Double.NEGATIVE_INFINITY)).isEqualTo(2);
    assertThat(ErrorFunction.erf(Double.NaN)).isNaN();
  }
}
