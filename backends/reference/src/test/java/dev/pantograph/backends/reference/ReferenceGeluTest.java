package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceGeluTest {
  /** In the tail Φ multiplies the relative rounding error of its argument by x². */
  private static final double RELATIVE = 1e-14;

  @AutoClose private final Workbench bench = new Workbench();

  @ParameterizedTest
  @CsvSource({
    "EXACT, 0, 0",
    "EXACT, 1, 0.84134474606854294859",
    "EXACT, -1, -0.15865525393145705141",
    "EXACT, -10, -7.619853024160526066e-23",
    "EXACT, 30, 30",
    "TANH, 0, 0",
    "TANH, 1, 0.84119199060827670478",
    "TANH, -2, -0.045402305912224981219",
    "TANH, 30, 30"
  })
  void hasKnownValues(Gelu.Form form, double argument, double expected) {
    View x = bench.vector(argument);
    View out = bench.unset(1);

    bench.run(new Gelu(out, x, form));

    assertThat(bench.values(out)[0]).isCloseTo(expected, within(RELATIVE * Math.abs(expected)));
  }

  @ParameterizedTest
  @EnumSource
  void gradientAgreesWithFiniteDifferences(Gelu.Form form) {
    View x = bench.vector(-6, -3, -1.5, -0.75, -0.1, 0, 0.2, 0.8, 1.41421356, 2.5, 5);
    View out = bench.unset(11);
    View dOut = bench.normal(11);
    View dx = bench.unset(11);

    bench.run(new GeluGradient(dx, dOut, x, form, false));

    new FiniteDifferences(bench, new Gelu(out, x, form), out, dOut).assertGradient(x, dx);
  }

  @Test
  void gradientAccumulates() {
    View dx = bench.vector(100);

    bench.run(new GeluGradient(dx, bench.vector(8), bench.vector(0), Gelu.Form.EXACT, true));

    assertThat(bench.values(dx)).containsExactly(104);
  }

  @Test
  void mayReplaceItsInput() {
    View x = bench.normal(7);
    View out = bench.unset(7);
    bench.run(new Gelu(out, x, Gelu.Form.TANH));

    bench.run(new Gelu(x, x, Gelu.Form.TANH));

    assertThat(bench.values(x)).containsExactly(bench.values(out));
  }

  @Test
  void gradientMayReplaceTheGradientItComesFrom() {
    View x = bench.normal(7);
    View dOut = bench.normal(7);
    View dx = bench.unset(7);
    bench.run(new GeluGradient(dx, dOut, x, Gelu.Form.EXACT, false));

    bench.run(new GeluGradient(dOut, dOut, x, Gelu.Form.EXACT, false));

    assertThat(bench.values(dOut)).containsExactly(bench.values(dx));
  }
}
