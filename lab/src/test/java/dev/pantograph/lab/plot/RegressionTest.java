package dev.pantograph.lab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.lab.plot.Regression.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegressionTest {
  @Test
  void slopeAndIntervalAreTheTextbooks() {
    Regression line = Regression.of(List.of(new Point(0, 1), new Point(1, 1), new Point(2, 3), new Point(3, 3)));
    assertThat(line.slope()).isCloseTo(0.8, within(1e-15));
    // Residuals 0.2, −0.6, 0.6, −0.2: sum of squares 0.8, over n − 2 = 2 and Sxx = 5 the slope's variance is 0.08;
    // t(0.975, 2) = 4.302653.
    double margin = 4.302652729911275 * Math.sqrt(0.08);
    assertThat(line.low()).isCloseTo(0.8 - margin, within(1e-9));
    assertThat(line.high()).isCloseTo(0.8 + margin, within(1e-9));
  }

  @Test
  void pointsOnALineLeaveNoInterval() {
    Regression line = Regression.of(List.of(new Point(5, 1), new Point(6, -1), new Point(7, -3)));
    assertThat(line.slope()).isCloseTo(-2, within(1e-15));
    assertThat(line.high() - line.low()).isCloseTo(0, within(1e-12));
  }

  @Test
  void twoPointsAreALineWithoutAnInterval() {
    assertThat(Regression.of(List.of(new Point(1, 1), new Point(3, 2)))).isEqualTo(new Regression(0.5, 0.5, 0.5));
  }

  @Test
  void oneAbscissaHasNoSlope() {
    assertThat(Regression.of(List.of(new Point(5, 1), new Point(5, 3), new Point(5, 4))))
        .isEqualTo(new Regression(0, 0, 0));
  }

  @Test
  void aMissingOptimumShowsAsNaN() {
    assertThat(Regression.of(List.of(new Point(1, 1), new Point(2, Double.NaN), new Point(3, 1))).slope()).isNaN();
  }
}
