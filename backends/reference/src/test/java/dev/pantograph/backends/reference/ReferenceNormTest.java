package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceNormTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-14);
  private static final Offset<Double> PRINTED = Offset.offset(5.1e-11);
  private static final double EPSILON = 1e-2;

  @AutoClose private final Workbench bench = new Workbench();

  private final View x = bench.normal(2, 3, 5);
  private final View gain = bench.normal(5);
  private final View bias = bench.normal(5);
  private final View out = bench.unset(2, 3, 5);
  private final View mean = bench.unset(6);
  private final View inverseStd = bench.unset(6);
  private final View dOut = bench.normal(2, 3, 5);

  @Test
  void normalisesEachRow() {
    View rows = bench.tensor(Shape.of(2, 2), 1, 3, 10, 6);
    View normalised = bench.unset(2, 2);
    View means = bench.unset(2);
    View inverseStds = bench.unset(2);

    bench.run(new Norm(normalised, means, inverseStds, rows, null, null, 0));

    assertThat(bench.values(normalised)).containsExactly(-1, 1, 1, -1);
    assertThat(bench.values(means)).containsExactly(2, 8);
    assertThat(bench.values(inverseStds)).containsExactly(1, 0.5);
  }

  @Test
  void hasThePublishedValues() {
    View row = bench.vector(1, 2, 3, 4);
    View normalised = bench.unset(4);

    bench.run(new Norm(normalised, bench.unset(1), bench.unset(1), row, null, null, 1e-5));
    assertThat(bench.values(normalised))
        .containsExactly(new double[] {-1.3416354200, -0.4472118067, 0.4472118067, 1.3416354200}, PRINTED);

    bench.run(new Norm(normalised, null, bench.unset(1), row, null, null, 1e-6));
    assertThat(bench.values(normalised))
        .containsExactly(new double[] {0.3651483473, 0.7302966947, 1.0954450420, 1.4605933893}, PRINTED);
  }

  @Test
  void appliesGainBiasAndEpsilon() {
    View row = bench.vector(1, 3);
    View normalised = bench.unset(2);
    View rowInverseStd = bench.unset(1);

    bench.run(new Norm(
        normalised, bench.unset(1), rowInverseStd, row, bench.vector(2, 4), bench.vector(10, 20), 3));

    assertThat(bench.values(rowInverseStd)).containsExactly(0.5);
    assertThat(bench.values(normalised)).containsExactly(9, 22);
  }

  @Test
  void gradientAgreesWithFiniteDifferences() {
    Norm forward = new Norm(out, mean, inverseStd, x, gain, bias, EPSILON);
    bench.run(forward);
    View dx = bench.unset(2, 3, 5);
    View dGain = bench.zeros(5);
    View dBias = bench.zeros(5);

    bench.run(new NormGradient(dx, dGain, dBias, dOut, x, mean, inverseStd, gain, false));

    FiniteDifferences differences = new FiniteDifferences(bench, forward, out, dOut);
    differences.assertGradient(x, dx);
    differences.assertGradient(gain, dGain);
    differences.assertGradient(bias, dBias);
  }

  @Test
  void gradientWithoutMeanAgreesWithFiniteDifferences() {
    Norm forward = new Norm(out, null, inverseStd, x, gain, bias, EPSILON);
    bench.run(forward);
    View dx = bench.unset(2, 3, 5);
    View dGain = bench.zeros(5);
    View dBias = bench.zeros(5);

    bench.run(new NormGradient(dx, dGain, dBias, dOut, x, null, inverseStd, gain, false));

    FiniteDifferences differences = new FiniteDifferences(bench, forward, out, dOut);
    differences.assertGradient(x, dx);
    differences.assertGradient(gain, dGain);
    differences.assertGradient(bias, dBias);
  }

  @Test
  void gradientWithoutGainAgreesWithFiniteDifferences() {
    Norm forward = new Norm(out, mean, inverseStd, x, null, null, EPSILON);
    bench.run(forward);
    View dx = bench.unset(2, 3, 5);

    bench.run(new NormGradient(dx, null, null, dOut, x, mean, inverseStd, null, false));

    new FiniteDifferences(bench, forward, out, dOut).assertGradient(x, dx);
  }

  @Test
  void addsToWhatTheGradientsHold() {
    bench.run(new Norm(out, mean, inverseStd, x, gain, bias, EPSILON));
    View dx = bench.unset(2, 3, 5);
    View dGain = bench.zeros(5);
    View dBias = bench.zeros(5);
    bench.run(new NormGradient(dx, dGain, dBias, dOut, x, mean, inverseStd, gain, false));
    double[] once = bench.values(dx);
    double[] gainOnce = bench.values(dGain);
    double[] biasOnce = bench.values(dBias);

    bench.run(new NormGradient(dx, dGain, dBias, dOut, x, mean, inverseStd, gain, true));

    assertThat(bench.values(dx)).containsExactly(twice(once), ROUNDING);
    assertThat(bench.values(dGain)).containsExactly(twice(gainOnce), ROUNDING);
    assertThat(bench.values(dBias)).containsExactly(twice(biasOnce), ROUNDING);
  }

  @Test
  void gradientMayReplaceTheGradientItComesFrom() {
    bench.run(new Norm(out, mean, inverseStd, x, gain, bias, EPSILON));
    View dx = bench.unset(2, 3, 5);
    View dGain = bench.zeros(5);
    View dBias = bench.zeros(5);
    bench.run(new NormGradient(dx, dGain, dBias, dOut, x, mean, inverseStd, gain, false));
    View inPlace = bench.copyOf(dOut);
    View dGainInPlace = bench.zeros(5);
    View dBiasInPlace = bench.zeros(5);

    bench.run(new NormGradient(
        inPlace, dGainInPlace, dBiasInPlace, inPlace, x, mean, inverseStd, gain, false));

    assertThat(bench.values(inPlace)).containsExactly(bench.values(dx));
    assertThat(bench.values(dGainInPlace)).containsExactly(bench.values(dGain));
    assertThat(bench.values(dBiasInPlace)).containsExactly(bench.values(dBias));
  }

  private static double[] twice(double[] values) {
    return Arrays.stream(values).map(value -> 2 * value).toArray();
  }
}
