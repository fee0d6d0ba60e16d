package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void gradientAgreesWithFiniteDifferences() {
    View logits = bench.normal(3, 5);
    View targets = bench.ids(Shape.of(3), 4, 0, 2);
    View losses = bench.unset(3);
    View dLogits = bench.unset(3, 5);
    double scale = 1.0 / 3;

    bench.run(new CrossEntropy(losses, dLogits, logits, targets, scale));

    CrossEntropy forward = new CrossEntropy(losses, null, logits, targets, 1);
    View meanWeights = bench.vector(scale, scale, scale);
    new FiniteDifferences(bench, forward, losses, meanWeights).assertGradient(logits, dLogits);
  }

  @Test
  void gradientMayReplaceTheLogits() {
    View logits = bench.normal(3, 5);
    View targets = bench.ids(Shape.of(3), 4, 0, 2);
    View losses = bench.unset(3);
    View dLogits = bench.unset(3, 5);
    bench.run(new CrossEntropy(losses, dLogits, logits, targets, 1));
    View lossesInPlace = bench.unset(3);

    bench.run(new CrossEntropy(lossesInPlace, logits, logits, targets, 1));

    assertThat(bench.values(logits)).containsExactly(bench.values(dLogits));
    assertThat(bench.values(lossesInPlace)).containsExactly(bench.values(losses));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4})
  void refusesATargetOutsideTheVocabularyBeforeWriting(int target) {
    View losses = bench.zeros(2);
    View targets = bench.ids(Shape.of(2), 0, target);

    assertThatThrownBy(() -> bench.run(new CrossEntropy(losses, null, bench.normal(2, 4), targets, 1)))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("CrossEntropy: targets[1] is " + target)
        .hasMessageEndingWith("needed an id in [0, 4)");

    assertThat(bench.values(losses)).containsOnly(0);
  }
}
