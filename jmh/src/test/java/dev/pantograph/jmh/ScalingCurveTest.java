package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.jmh.gate.CaseSamples;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalingCurveTest {
  private static CaseSamples tokensPerSecond(ScalingPoint point, double rate) {
    return new CaseSamples("scaling", point.name(), Map.of("tokens", List.of(rate), "flops",
        List.of(rate * point.shape().config().trainingFlopsPerToken(point.shape().time()))));
  }

  /** A machine on which a token of width w takes 3·w^1.5 µs. */
  @Test
  void theExponentOfAPowerLawIsFound() {
    List<ScalingPoint> points = ScalingPoint.all(2);
    List<CaseSamples> results = points.stream().filter(point -> point.axis().equals("width"))
        .map(point -> tokensPerSecond(point, 1e6 / (3 * Math.pow(point.size(), 1.5)))).toList();
    List<ScalingCurve> curves = ScalingCurve.of(results, points);
    assertThat(curves).hasSize(1);
    ScalingCurve curve = curves.getFirst();
    assertThat(curve.time().slope()).isCloseTo(1.5, within(1e-9));
    assertThat(curve.first().micros()).isCloseTo(3 * Math.pow(64, 1.5), within(1e-6));
    // Quadratic in the blocks, linear in head and attention.
    assertThat(curve.flops().slope()).isBetween(1.0, 2.0);
    assertThat(ScalingPlot.draw(curve).toString()).contains("<svg", "width").doesNotContain("NaN");
  }

  /** Along an axis everything else stays; each holds the point where it meets the others. */
  @Test
  void pointsAreUniqueAndThreadsReachTheMost() {
    List<ScalingPoint> points = ScalingPoint.all(6);
    assertThat(points).extracting(ScalingPoint::name).doesNotHaveDuplicates();
    assertThat(points.stream().filter(point -> point.axis().equals("threads")).map(ScalingPoint::threads))
        .containsExactly(1, 2, 4, 6);
    assertThat(points.stream().filter(point -> point.axis().equals("sequence")).map(point -> point.shape().tokens())
        .distinct()).hasSize(1);
  }
}
