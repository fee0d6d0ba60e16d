package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Norm;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceNormTest {
  private static final Offset<Double> PRINTED = Offset.offset(5.1e-11);

  @AutoClose private final Workbench bench = new Workbench();

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
}
