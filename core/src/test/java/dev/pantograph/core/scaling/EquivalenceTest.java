package dev.pantograph.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where two parameterizations are the same rule, they are the same run to the last bit. */
class EquivalenceTest {
  private static final long SEED = 5;
  private static final int STEPS = 3;
  /** Head dimension 6, where √d/d and 1/√d differ in the last bit: both rules must use the same expression. */
  private static final TransformerConfig BASE = TransformerConfig.gpt(7, 6, 2, 2, 12).biases(true);
  private static final TransformerConfig WIDE = TransformerConfig.gpt(7, 6, 2, 2, 24).biases(true);
  private static final TransformerConfig DEEP = TransformerConfig.gpt(7, 6, 4, 2, 12).biases(true);

  @AutoClose private final Backend backend = TestBackends.reference();

  private record Run(List<StepReport> reports, List<double[]> initial, List<double[]> trained) {}

  private Run run(String parameterization, TransformerConfig config) {
    Scaling scaling = new Scaling(Parameterization.named(parameterization), config.relativeTo(BASE),
        new BaseHyperparameters(0.1, 0.01, 0.1, 1e-8, 1, 1));
    Schedule schedule = new Schedule(Schedule.Shape.named("linear"), 1, 10);
    try (Transformer model = new Transformer(backend, DType.F64, config, scaling, SEED);
        Trainer trainer = new Trainer(model, new ChainBatches(SEED, 7, 1, 2, 6), AdamWSettings.defaults(), schedule)) {
      List<double[]> initial = weights(model);
      List<StepReport> reports = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        reports.add(trainer.step());
      }
      return new Run(reports, initial, weights(model));
    }
  }

  private static List<double[]> weights(Transformer model) {
    return model.parameters().stream().map(parameter -> parameter.value().toDoubles()).toList();
  }

  private static void assertSameRun(Run actual, Run expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
  }

  private static void assertOtherRun(Run actual, Run expected) {
    assertThat(actual.reports().getLast().loss()).isNotEqualTo(expected.reports().getLast().loss());
  }

  @Test
  void theHeadDimensionTellsTheTwoExpressionsApart() {
    double d = BASE.headDim();

    assertThat(Math.sqrt(d) / d).isNotEqualTo(1 / Math.sqrt(d));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mup", "supar", "completep", "completep-0.5", "product", "product-0.5"})
  void atTheBaseEveryRuleIsTheStandardOne(String parameterization) {
    assertSameRun(run(parameterization, BASE), run("standard", BASE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"completep", "completep-0.5", "completep-0.75"})
  void atTheBasesDepthTheDepthExponentDoesNotMatter(String parameterization) {
    assertSameRun(run(parameterization, WIDE), run("mup", WIDE));
  }

  @ParameterizedTest
  @CsvSource({"supar, mup", "product, completep", "product-0.5, completep-0.5"})
  void denseModelsHaveNoUseForADensityRule(String sparse, String dense) {
    assertSameRun(run(sparse, WIDE), run(dense, WIDE));
    assertSameRun(run(sparse, DEEP), run(dense, DEEP));
  }

  @ParameterizedTest
  @CsvSource({"mup, completep", "completep, completep-0.5"})
  void atAnotherDepthItDoes(String one, String other) {
    assertOtherRun(run(one, DEEP), run(other, DEEP));
  }

  @ParameterizedTest
  @CsvSource({"supar, mup", "product, completep"})
  void sparseModelsTellThemApart(String one, String other) {
    TransformerConfig sparse = BASE.density(0.5);

    assertOtherRun(run(one, sparse), run(other, sparse));
  }

  @Test
  void wideModelsTellTheStandardRuleFromMuP() {
    assertOtherRun(run("standard", WIDE), run("mup", WIDE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mup", "supar", "completep", "completep-0.5", "product"})
  void gatedModelsFollowTheSameRules(String parameterization) {
    TransformerConfig base = gated(BASE);
    TransformerConfig wide = gated(WIDE);

    assertSameRun(run(parameterization, base), run("standard", base));
    assertSameRun(run(parameterization, wide), run("mup", wide));
    assertOtherRun(run(parameterization, wide), run("standard", wide));
    assertOtherRun(run(parameterization, wide), run(parameterization, WIDE));
  }

  private static TransformerConfig gated(TransformerConfig config) {
    return config.normalization(Normalization.RMS).activation(FeedForwardActivation.SWIGLU);
  }
}
