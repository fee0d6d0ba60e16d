package dev.pantograph.lab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.scale.Axis;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuantityTest {
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void useALocaleWithADecimalComma() {
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void restoreTheLocale() {
    Locale.setDefault(before);
  }

  @Test
  void writesPowersOfTwoAsPowers() {
    assertThat(Quantity.learningRate(0x1p-7)).hasToString("2^−7");
    assertThat(Quantity.learningRate(0x1p-7).html("td", "number"))
        .hasToString("<td class=\"number\">2<sup>−7</sup></td>");
    assertThat(Quantity.learningRate(0.0031)).hasToString("0.00310");
    assertThat(Quantity.learningRate(Double.NaN)).hasToString("–");
  }

  @Test
  void writesDensitiesAsFractions() {
    assertThat(Quantity.size(Axis.DENSITY, 1)).hasToString("1");
    assertThat(Quantity.size(Axis.DENSITY, 1 / 128.0)).hasToString("1/128");
    assertThat(Quantity.size(Axis.DENSITY, 0.3)).hasToString("0.300");
    assertThat(Quantity.size(Axis.WIDTH, 2048)).hasToString("2048");
  }

  @Test
  void writesSignsForPrint() {
    assertThat(Quantity.signed(-0.93)).hasToString("−0.93");
    assertThat(Quantity.signed(0.04)).hasToString("+0.04");
    assertThat(Quantity.signed(-0.001)).hasToString("0.00");
    assertThat(Quantity.signed(0)).hasToString("0.00");
    assertThat(Quantity.of(Double.POSITIVE_INFINITY, 3)).hasToString("–");
  }
}
