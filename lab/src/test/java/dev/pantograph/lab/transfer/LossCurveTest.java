package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jspecify.annotations.Nullable;

class LossCurveTest {
  private static LossCurve parabola(double optimum, Integer... ks) {
    List<@Nullable Double> losses = new ArrayList<>();
    Arrays.stream(ks).forEach(k -> losses.add(2 + 0.3 * (k - optimum) * (k - optimum)));
    return new LossCurve(List.of(ks), losses);
  }

  private static LossCurve curve(@Nullable Double... losses) {
    List<Integer> ks = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      ks.add(i - 9);
    }
    return new LossCurve(ks, Arrays.asList(losses));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-7.4, -7, -6.6, -6.51, -6.3})
  void theVertexOfAParabolaIsFoundExactly(double optimum) {
    LossCurve curve = parabola(optimum, -9, -8, -7, -6, -5);
    assertThat(curve.minimum().log2LearningRate()).isCloseTo(optimum, within(1e-12));
    assertThat(curve.minimum().loss()).isCloseTo(2, within(1e-12));
    assertThat(curve.bestIsAtEdge()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-7.6, -7, -6.2})
  void aGapInTheGridDoesNotMoveTheVertex(double optimum) {
    LossCurve curve = parabola(optimum, -10, -7, -6, -5);
    assertThat(curve.minimum().log2LearningRate()).isCloseTo(optimum, within(1e-12));
    assertThat(curve.minimum().loss()).isCloseTo(2, within(1e-12));
  }

  @Test
  void atAnEdgeTheMinimumIsTheGridPoint() {
    LossCurve rising = curve(1.0, 2.0, 3.0);
    assertThat(rising.bestIsAtEdge()).isTrue();
    assertThat(rising.minimum()).isEqualTo(new LossCurve.Minimum(-9, 1));
    LossCurve falling = curve(3.0, 2.0, 1.0);
    assertThat(falling.bestIsAtEdge()).isTrue();
    assertThat(falling.minimum()).isEqualTo(new LossCurve.Minimum(-7, 1));
  }

  @Test
  void aDivergedRunTakesNoPartInTheFit() {
    LossCurve curve = curve(3.0, 2.0, null, 2.5);
    // Through (−1, 3), (0, 2), (2, 2.5) goes 2 − 7/12·k + 5/12·k², lowest at k = 0.7.
    assertThat(curve.minimum().log2LearningRate()).isCloseTo(-7.3, within(1e-12));
    assertThat(curve.minimum().loss()).isCloseTo(2 - 49.0 / 240, within(1e-12));
    assertThat(curve.bestIsAtEdge()).isFalse();
  }

  @Test
  void noiseOnOnePointMovesTheMinimumLessThanThreePointsWould() {
    LossCurve clean = parabola(-7, -9, -8, -7, -6, -5);
    List<@Nullable Double> losses = new ArrayList<>(clean.losses());
    losses.set(1, losses.get(1) - 0.5);
    double moved = new LossCurve(clean.log2LearningRates(), losses).minimum(-7).log2LearningRate();
    // Three points (0.5, 0, 1 above the lowest) would put it a sixth of an octave lower.
    assertThat(moved).isLessThan(-7).isGreaterThan(-7 - 1.0 / 6);
  }

  @Test
  void betweenTwoPointsThereIsNoParabola() {
    assertThat(curve(null, 2.0, 2.5).minimum()).isEqualTo(new LossCurve.Minimum(-8, 2));
  }

  @Test
  void withoutAFiniteLossThereIsNoMinimum() {
    LossCurve curve = curve(null, null);
    assertThat(curve.best()).isEmpty();
    assertThat(curve.minimum().log2LearningRate()).isNaN();
    assertThat(curve.minimum().loss()).isNaN();
  }

  @Test
  void ofEqualLossesTheLowestRateIsBest() {
    assertThat(curve(2.0, 1.0, 1.0, 2.0).best()).hasValue(1);
    assertThat(curve(1.0, 1.0, 1.0).minimum().loss()).isEqualTo(1);
  }
}
