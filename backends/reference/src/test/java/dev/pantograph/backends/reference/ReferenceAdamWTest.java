package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.AdamW.Decay;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.List;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceAdamWTest {
  private static final double BETA_1 = 0.5;
  private static final double BETA_2 = 0.75;
  private static final Offset<Double> ROUNDING = within(1e-15);

  @AutoClose private final Workbench bench = new Workbench();

  private final View value = bench.vector(1);
  private final View gradient = bench.vector(2);
  private final View firstMoment = bench.vector(0);
  private final View secondMoment = bench.vector(0);

  @Test
  void takesTheTwoStepsComputedByHand() {
    AdamW.Slot slot = slot(0.5, 0.1, Decay.COUPLED, 0);

    step(slot, bench.vector(0.2, 1, 0.5, 0.25), null, 0);

    // η = 0.2·0.5 and m/c₁ = 1/0.5, √(v/c₂) = √(1/0.25): 1·(1 − 0.1·0.1) − 0.1·2/2.
    assertThat(bench.values(value)).containsExactly(new double[] {0.89}, ROUNDING);
    assertThat(bench.values(firstMoment)).containsExactly(1);
    assertThat(bench.values(secondMoment)).containsExactly(1);

    Elements.of(gradient).set(0, -2);
    step(slot, bench.vector(0.2, 1, 0.75, 0.4375), null, 0);

    // m/c₁ = −0.5/0.75, √(v/c₂) = √(1.75/0.4375) = 2: 0.89·0.99 + 0.1·(2/3)/2.
    assertThat(bench.values(value)).containsExactly(new double[] {0.8811 + 0.1 / 3}, ROUNDING);
    assertThat(bench.values(firstMoment)).containsExactly(-0.5);
    assertThat(bench.values(secondMoment)).containsExactly(1.75);
  }

  @Test
  void addsEpsilonToTheRoot() {
    step(slot(1, 0, Decay.COUPLED, 6), bench.vector(0.5, 1, 0.5, 0.25), null, 0);

    assertThat(bench.values(value)).containsExactly(1 - 0.5 * 2 / (2 + 6));
  }

  @Test
  void coupledDecayShrinksByTheSlotsLearningRateAlone() {
    Elements.of(gradient).set(0, 0);

    step(slot(0.25, 0.5, Decay.COUPLED, 1e-8), bench.vector(0.5, 0.125, 0.5, 0.25), null, 0);

    assertThat(bench.values(value)).containsExactly(1 - 0.5 * 0.25 * 0.5);
  }

  @Test
  void independentDecayShrinksByTheScheduleAlone() {
    Elements.of(gradient).set(0, 0);

    step(slot(0.25, 0.5, Decay.INDEPENDENT, 1e-8), bench.vector(0.5, 0.125, 0.5, 0.25), null, 0);

    assertThat(bench.values(value)).containsExactly(1 - 0.125 * 0.5);
  }

  @Test
  void clipsTheGradientToTheGlobalNorm() {
    double clip = 2 / (4 + 1e-6);

    step(slot(1, 0, Decay.COUPLED, 0), bench.vector(0.1, 1, 0.5, 0.25), bench.tensor(Shape.scalar(), 16), 2);

    assertThat(bench.values(firstMoment)).containsExactly(new double[] {0.5 * 2 * clip}, ROUNDING);
    assertThat(bench.values(secondMoment)).containsExactly(new double[] {0.25 * 4 * clip * clip}, ROUNDING);
  }

  @Test
  void leavesAGradientWithinTheNormAsItIs() {
    step(slot(1, 0, Decay.COUPLED, 0), bench.vector(0.1, 1, 0.5, 0.25), bench.tensor(Shape.scalar(), 1), 2);

    assertThat(bench.values(firstMoment)).containsExactly(1);
  }

  @Test
  void updatesEverySlotByItsOwnMultipliers() {
    View other = bench.vector(1, 1);
    AdamW.Slot second = new AdamW.Slot(
        other, bench.vector(2, -2), bench.zeros(2), bench.zeros(2), 3, 0, Decay.COUPLED, 0);
    View control = bench.vector(0.1, 1, 0.5, 0.25);

    bench.run(new AdamW(List.of(slot(1, 0, Decay.COUPLED, 0), second), control, null, 0, BETA_1, BETA_2));

    assertThat(bench.values(value)).containsExactly(new double[] {0.9}, ROUNDING);
    assertThat(bench.values(other)).containsExactly(new double[] {0.7, 1.3}, ROUNDING);
  }

  @Test
  void keepsFloat32StateRoundedAndAppliesTheUnroundedMoments() {
    View value32 = bench.tensor(DType.F32, Shape.of(1), 1);
    View firstMoment32 = bench.tensor(DType.F32, Shape.of(1), 0);
    View secondMoment32 = bench.tensor(DType.F32, Shape.of(1), 0);
    AdamW.Slot slot = new AdamW.Slot(value32, bench.tensor(DType.F32, Shape.of(1), 1), firstMoment32, secondMoment32,
        1, 0, Decay.COUPLED, 0);
    View control = bench.tensor(DType.F32, Shape.of(4), 0.5, 1, 0.5, 0.25);

    bench.run(new AdamW(List.of(slot), control, null, 0, 0.9, 0.999));

    double m = 1 - 0.9;
    double v = 1 - 0.999;
    assertThat(bench.values(firstMoment32)).containsExactly((float) m);
    assertThat(bench.values(secondMoment32)).containsExactly((float) v);
    assertThat(bench.values(value32)).containsExactly((float) (1 - 0.5 * (m / 0.5) / Math.sqrt(v / 0.25)));
  }

  private AdamW.Slot slot(double learningRateScale, double weightDecay, Decay decay, double epsilon) {
    return new AdamW.Slot(value, gradient, firstMoment, secondMoment, learningRateScale, weightDecay, decay, epsilon);
  }

  private void step(AdamW.Slot slot, View control, @Nullable View squaredGradientNorm, double maxGradientNorm) {
    bench.run(new AdamW(List.of(slot), control, squaredGradientNorm, maxGradientNorm, BETA_1, BETA_2));
  }
}
