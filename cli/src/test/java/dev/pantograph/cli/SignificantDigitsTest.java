package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignificantDigitsTest {
  @ParameterizedTest
  @CsvSource({"0,0", "1,1", "0.02,0.02", "1024,1024", "0.00390625,0.003906", "1e-8,1e-8", "2.5e-9,2.5e-9",
      "-0.70710678,-0.7071", "123456,123500", "1e12,1e12"})
  void keepsFourDigits(double value, String text) {
    assertThat(SignificantDigits.of(value)).isEqualTo(text);
  }
}
