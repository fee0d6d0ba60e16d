package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceSwiGluTest {
  private static final Offset<Double> PRINTED = Offset.offset(5.1e-11);
  private static final Offset<Double> ROUNDING = Offset.offset(1e-14);

  @AutoClose private final Workbench bench = new Workbench();

  private final View both = bench.normal(4, 6);
  private final View gate = both.slice(1, 0, 3);
  private final View up = both.slice(1, 3, 3);
  private final View out = bench.unset(4, 3);
  private final View dOut = bench.normal(4, 3);
  private final View dBoth = bench.zeros(4, 6);
  private final View dGate = dBoth.slice(1, 0, 3);
  private final View dUp = dBoth.slice(1, 3, 3);

  @Test
  void withUpOneHasThePublishedValuesOfSilu() {
    View result = bench.unset(1, 5);

    bench.run(new SwiGlu(result, bench.tensor(result.shape(), -2, -1, 0.5, 1, 2),
        bench.tensor(result.shape(), 1, 1, 1, 1, 1)));

    assertThat(bench.values(result)).containsExactly(
        new double[] {-0.2384058440, -0.2689414214, 0.3112296656, 0.7310585786, 1.7615941560}, PRINTED);
  }

  @Test
  void isLinearInUp() {
    bench.run(new SwiGlu(out, gate, up));
    double[] once = bench.values(out);
    View twice = bench.tensor(up.shape(), Arrays.stream(bench.values(up)).map(v -> -2 * v).toArray());

    bench.run(new SwiGlu(out, gate, twice));

    assertThat(bench.values(out)).containsExactly(Arrays.stream(once).map(v -> -2 * v).toArray(), ROUNDING);
  }

  @Test
  void gradientAgreesWithFiniteDifferences() {
    SwiGlu forward = new SwiGlu(out, gate, up);

    bench.run(new SwiGluGradient(dGate, dUp, dOut, gate, up, false));

    FiniteDifferences differences = new FiniteDifferences(bench, forward, out, dOut);
    differences.assertGradient(gate, dGate);
    differences.assertGradient(up, dUp);
  }

  @Test
  void addsToWhatTheGradientsHold() {
    bench.run(new SwiGluGradient(dGate, dUp, dOut, gate, up, false));
    double[] once = bench.values(dBoth);

    bench.run(new SwiGluGradient(dGate, dUp, dOut, gate, up, true));

    assertThat(bench.values(dBoth)).containsExactly(Arrays.stream(once).map(v -> 2 * v).toArray(), ROUNDING);
  }
}
