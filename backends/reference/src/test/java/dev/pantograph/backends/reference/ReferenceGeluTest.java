package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
