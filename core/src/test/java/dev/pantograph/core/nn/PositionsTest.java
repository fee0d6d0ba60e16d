package dev.pantograph.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PositionsTest {

  private static void assertSlopes(double... expected) {
    assertThat(Positions.slopes(expected.length)).containsExactly(expected, within(1e-10));
  }

  @Test
  void slopesOfPowersOfTwoAreGeometric() {
    assertSlopes(0.00390625);
    assertSlopes(0.0625, 0.00390625);
    assertSlopes(0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625);
    assertThat(Positions.slopes(16)).startsWith(Math.sqrt(0.5)).endsWith(0.00390625);
    assertThat(Positions.slopes(32)[0]).isCloseTo(0.8408964153, within(1e-10));
  }

  @Test
  void otherNumbersOfHeadsTakeTheRestFromBetween() {
    assertSlopes(0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125);
    assertSlopes(0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625,
        0.7071067812, 0.3535533906, 0.1767766953, 0.0883883476);
  }

  @ParameterizedTest
  @EnumSource
  void areNamedInAnyCase(Positions positions) {
    assertThat(Positions.named("key", positions.name().toLowerCase(Locale.ROOT))).isEqualTo(positions);
    assertThat(Positions.named("key", positions.name())).isEqualTo(positions);
  }

  @Test
  void anUnknownNameIsAnsweredWithThoseThereAre() {
    assertThatIllegalArgumentException().isThrownBy(() -> Positions.named("model.positions", "rotary"))
        .withMessage("model.positions is 'rotary' (expected: learned, alibi, none)");
  }
}
