package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceReductionTest {
  @AutoClose private final Workbench bench = new Workbench();

  private final View x = bench.tensor(Shape.of(2, 3), 1, 2, 3, 10, 20, 30);

  @Test
  void sumsColumns() {
    View out = bench.unset(3);

    bench.run(new Sum(out, x, 2, false));

    assertThat(bench.values(out)).containsExactly(22, 44, 66);
  }

  @Test
  void sumsEverythingIntoAScalar() {
    View out = bench.unset();

    bench.run(new Sum(out, x, 0.5, false));

    assertThat(bench.values(out)).containsExactly(33);
  }

  @Test
  void addsTheScaledSumToWhatIsThere() {
    View out = bench.vector(100, 200, 300);

    bench.run(new Sum(out, x, 2, true));

    assertThat(bench.values(out)).containsExactly(122, 244, 366);
  }

  @Test
  void sumsFloat32InFloat64() {
    View summands = bench.tensor(DType.F32, Shape.of(4), 0x1p24, 1, 1, -0x1p24);
    View out = bench.tensor(DType.F32, Shape.scalar(), Double.NaN);

    bench.run(new Sum(out, summands, 1, false));

    assertThat(bench.values(out)).containsExactly(2);
  }

  @Test
  void addsTheSquaresOfAllTensors() {
    View out = bench.unset();

    bench.run(new SquaredNorm(out, List.of(bench.vector(3, 4), bench.tensor(Shape.of(1, 2), -1, 2))));

    assertThat(bench.values(out)).containsExactly(30);
  }

  @Test
  void theNormOfFloat32TensorsIsFloat64() {
    View out = bench.unset();

    bench.run(new SquaredNorm(out, List.of(bench.tensor(DType.F32, Shape.of(2), 0x1p-20, 1))));

    assertThat(bench.values(out)).containsExactly(1 + 0x1p-40);
  }

  @Test
  void theNormOfNothingIsZero() {
    View out = bench.unset();

    bench.run(new SquaredNorm(out, List.of()));

    assertThat(bench.values(out)).containsExactly(0);
  }
}
