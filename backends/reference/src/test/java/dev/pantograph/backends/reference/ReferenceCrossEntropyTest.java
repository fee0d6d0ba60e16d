package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceCrossEntropyTest {
  private static final Offset<Double> ROUNDING = within(1e-15);

  @AutoClose private final Workbench bench = new Workbench();

  @Test
  void isTheNegativeLogarithmOfTheTargetsProbability() {
    View logits = bench.tensor(Shape.of(2, 2), 0, Math.log(3), 1000, 1000);
    View targets = bench.ids(Shape.of(2), 1, 0);
    View losses = bench.unset(2);
    View dLogits = bench.unset(2, 2);

    bench.run(new CrossEntropy(losses, dLogits, logits, targets, 2));

    assertThat(bench.values(losses)[0]).isCloseTo(Math.log(4.0 / 3), ROUNDING);
    assertThat(bench.values(losses)[1]).isCloseTo(Math.log(2), within(1e-12));
    assertThat(bench.values(dLogits)).containsExactly(new double[] {0.5, -0.5, -1, 1}, within(1e-12));
  }

  @Test
  void givesLossesAloneWithoutAGradient() {
    View logits = bench.tensor(Shape.of(1, 4), 3, 3, 3, 3);
    View losses = bench.unset(1);

    bench.run(new CrossEntropy(losses, null, logits, bench.ids(Shape.of(1), 3), 1));

    assertThat(bench.values(losses)).containsExactly(new double[] {Math.log(4)}, ROUNDING);
    assertThat(bench.values(logits)).containsOnly(3);
  }
}
