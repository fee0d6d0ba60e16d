package dev.pantograph.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.AdamW.Decay;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWOptimizerTest {
  private static final Offset<Double> ROUNDING = within(1e-12);
  private static final double NO_CLIPPING = Double.POSITIVE_INFINITY;
  private static final TransformerConfig BASE = TransformerConfig.gpt(3, 2, 1, 1, 2).tiedHead(false);
  private static final TransformerConfig WIDE = TransformerConfig.gpt(3, 2, 4, 1, 4).tiedHead(false);

  @AutoClose private final Backend backend = TestBackends.reference();

  private Transformer model(Parameterization parameterization, TransformerConfig config, BaseHyperparameters base) {
    return new Transformer(backend, DType.F64, config, new Scaling(parameterization, config.relativeTo(BASE), base), 1);
  }

  private Transformer standard(double learningRate, double weightDecay, double epsilon) {
    return model(Parameterization.standard(), BASE,
        new BaseHyperparameters(0.02, learningRate, weightDecay, epsilon, 1, 1));
  }

  private static AdamWSettings settings(Decay decay, double maxGradientNorm) {
    return new AdamWSettings(0.9, 0.999, decay, maxGradientNorm);
  }

  private static void fill(Tensor tensor, double value) {
    double[] values = new double[Math.toIntExact(tensor.shape().elements())];
    Arrays.fill(values, value);
    tensor.set(values);
  }

  private static void update(AdamWOptimizer optimizer, double factor) {
    optimizer.measureGradients();
    optimizer.update(factor);
  }

  @Test
  void takesTheThreeStepsOfTheReferenceImplementation() {
    try (Transformer model = standard(0.1, 0.1, 1e-8);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, settings(Decay.COUPLED, NO_CLIPPING))) {
      Parameter head = model.parameter("head");
      fill(head.value(), 1);
      List<Double> trajectory = new ArrayList<>();
      for (double gradient : new double[] {0.5, 1, 1.5}) {
        fill(head.gradient(), gradient);
        update(optimizer, 1);
        trajectory.add(head.value().toDoubles()[0]);
      }

      // PyTorch's AdamW in float64 from weight 1.
      assertThat(trajectory.get(0)).isEqualTo(0.890000002, ROUNDING);
      assertThat(trajectory.get(1)).isEqualTo(0.7845818006185094, ROUNDING);
      assertThat(trajectory.get(2)).isEqualTo(0.6809358610891806, ROUNDING);
      assertThat(optimizer.updates()).isEqualTo(3);
    }
  }

  @Test
  void coupledDecayDividedByThePeakIsIndependentDecay() {
    double peak = 0.04;
    double independent = 0.02;
    List<double[]> ends = new ArrayList<>();
    for (Decay decay : Decay.values()) {
      try (Transformer model = standard(peak, decay == Decay.COUPLED ? independent / peak : independent, 1e-8);
          AdamWOptimizer optimizer = new AdamWOptimizer(model, settings(decay, NO_CLIPPING))) {
        Schedule schedule = new Schedule(Schedule.Shape.named("cosine"), 3, 10);
        Parameter head = model.parameter("head");
        fill(head.value(), 1);
        for (int step = 0; step < 10; step++) {
          fill(head.gradient(), Math.sin(step + 1));
          update(optimizer, schedule.factor(step));
        }
        ends.add(head.value().toDoubles());
      }
    }

    assertThat(ends.getFirst()).containsExactly(ends.getLast(), ROUNDING);
    assertThat(ends.getFirst()[0]).as("a weight that moved").isNotCloseTo(1, within(0.01));
  }

  @ParameterizedTest
  @CsvSource({"COUPLED", "INDEPENDENT"})
  void aWeightWithoutGradientShrinksByItsDecayAlone(Decay decay) {
    BaseHyperparameters base = new BaseHyperparameters(0.02, 0.1, 0.2, 1e-8, 1, 1);
    try (Transformer model = model(Parameterization.completeP(0.5), WIDE, base);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, settings(decay, NO_CLIPPING))) {
      model.parameters().forEach(parameter -> fill(parameter.value(), 1));
      double hidden = 1;
      double outside = 1;
      for (double factor : new double[] {0, 0.5, 1, 0.25}) {
        update(optimizer, factor);
        // Width × 2 and depth × 4 at α = ½: hidden η·2⁻¹·4^−½ with λ·2, so η·λ·½; elsewhere η·λ.
        hidden *= 1 - (decay == Decay.COUPLED ? factor * 0.1 * 0.2 * 0.5 : factor * 0.2);
        outside *= 1 - (decay == Decay.COUPLED ? factor * 0.1 * 0.2 : factor * 0.2);
      }

      for (Parameter parameter : model.parameters()) {
        double expected = parameter.role().isVector() ? 1 : parameter.role().isHiddenWeight() ? hidden : outside;
        assertThat(parameter.value().toDoubles()).as(parameter.name())
            .usingComparatorWithPrecision(1e-15).containsOnly(expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // 6 elements of 4 in the head: norm √96. Above the threshold the gradient is scaled to it, below it is left alone.
    "1, 0.408248", "100, 4", "Infinity, 4"
  })
  void gradientsAreClippedToTheGlobalNorm(double maxNorm, double effective) {
    try (Transformer model = standard(0.1, 0, 1);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, settings(Decay.COUPLED, maxNorm))) {
      Parameter head = model.parameter("head");
      fill(head.value(), 0);
      fill(head.gradient(), 4);

      assertThat(optimizer.measureGradients().await()).isEqualTo(96, ROUNDING);
      optimizer.update(1);

      // With ε = 1 a first step is −η·g/(|g| + 1) and shows the gradient's size, which Adam otherwise removes.
      assertThat(head.value().toDoubles()[0]).isCloseTo(-0.1 * effective / (effective + 1), within(1e-6));
    }
  }

  @Test
  void theNormIsThatOfAllParametersTogether() {
    try (Transformer model = standard(0.1, 0, 1e-8);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, AdamWSettings.defaults())) {
      model.parameters().forEach(parameter -> fill(parameter.gradient(), 2));
      long elements = model.parameters().stream().mapToLong(p -> p.value().shape().elements()).sum();

      assertThat(optimizer.measureGradients().await()).isEqualTo(4.0 * elements, ROUNDING);
      model.parameters().forEach(parameter -> fill(parameter.gradient(), 0));
      assertThat(optimizer.measureGradients().await()).isZero();
    }
  }

  @Test
  void theFirstStepHasTheSizeOfTheLearningRateWhateverTheBetas() {
    for (double beta : new double[] {0, 0.5, 0.99}) {
      AdamWSettings settings = new AdamWSettings(beta, beta, Decay.COUPLED, NO_CLIPPING);
      try (Transformer model = standard(0.1, 0, 0); AdamWOptimizer optimizer = new AdamWOptimizer(model, settings)) {
        model.parameters().forEach(parameter -> fill(parameter.gradient(), -1e-3));
        fill(model.parameter("head").value(), 0);

        update(optimizer, 0.5);

        assertThat(model.parameter("head").value().toDoubles()[0]).as("β = %s", beta).isEqualTo(0.05, ROUNDING);
      }
    }
  }

  /** Notes the optimizer's kernel and the control numbers it reads. */
  private static final class UpdateRecorder extends DelegatingBackend {
    private final List<AdamW> updates = new ArrayList<>();
    private final List<double[]> controls = new ArrayList<>();

    UpdateRecorder(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      if (kernel instanceof AdamW update) {
        updates.add(update);
        controls.add(new Tensor(this, "control", update.control()).toDoubles());
      }
      super.submit(kernel);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard", "mup", "supar", "completep", "completep-0.5", "product", "product-0.5"})
  void everyGroupFollowsTheScheduleAtItsOwnScale(String name) {
    Schedule schedule = new Schedule(Schedule.Shape.named("linear"), 2, 5);
    TransformerConfig config = WIDE.biases(true).density(0.5).sparsity(Sparsity.defaults().emptyRows(true));
    Scaling scaling =
        new Scaling(Parameterization.named(name), config.relativeTo(BASE), BaseHyperparameters.withLearningRate(0.03));
    try (UpdateRecorder recorder = new UpdateRecorder(TestBackends.reference());
        Transformer model = new Transformer(recorder, DType.F64, config, scaling, 1);
        AdamWOptimizer optimizer = new AdamWOptimizer(model, settings(Decay.COUPLED, 1))) {
      for (int step = 0; step < 5; step++) {
        update(optimizer, schedule.factor(step));
      }

      for (int step = 0; step < 5; step++) {
        assertThat(recorder.controls.get(step)).containsExactly(0.03 * schedule.factor(step), schedule.factor(step),
            1 - Math.pow(0.9, step + 1), 1 - Math.pow(0.999, step + 1));
        List<AdamW.Slot> slots = recorder.updates.get(step).slots();
        assertThat(slots).hasSameSizeAs(model.parameters());
        for (int i = 0; i < slots.size(); i++) {
          Role role = model.parameters().get(i).role();
          AdamW.Slot slot = slots.get(i);
          assertThat(slot.value()).isSameAs(model.parameters().get(i).value().view());
          assertThat(slot.learningRateScale()).as("%s", role).isEqualTo(scaling.learningRateScale(role));
          assertThat(slot.epsilon()).as("%s", role).isEqualTo(scaling.epsilon(role));
          assertThat(slot.weightDecay()).as("%s", role).isEqualTo(scaling.coupledWeightDecay(role));
        }
      }
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> new AdamWSettings(1, 0.9, Decay.COUPLED, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("β₁ = 1.0");
    assertThatThrownBy(() -> new AdamWSettings(0.9, -0.1, Decay.COUPLED, 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("β₂ = -0.1");
    assertThatThrownBy(() -> new AdamWSettings(0.9, 0.9, Decay.COUPLED, 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxGradientNorm is 0.0");
  }
}
