package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.SwiGlu;
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
}
