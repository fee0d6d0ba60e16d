package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.lab.sparse.SparseStudyConfig.ModelConfig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArmTest {
  private static final SparseStudyConfig CONFIG = SparseStudyConfig.quick();

  static Stream<Arm> arms() {
    return CONFIG.schedules(Arm.SCHEDULES).densities(List.of(0.5, 0.1)).arms().stream();
  }

  @ParameterizedTest
  @MethodSource("arms")
  void everyScheduleSpendsTheBudgetToWithinAStep(Arm arm) {
    for (int budget : new int[] {4, 7, 100, 333}) {
      int steps = arm.steps(budget);
      assertThat(arm.flops(steps)).as("%d dense steps", budget).isCloseTo(arm.budgetFlops(budget),
          within(arm.budgetFlops(1)));
      assertThat(steps).isGreaterThanOrEqualTo(budget);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 250})
  void theDenseModelsStepsAreItsBudget(int budget) {
    Arm dense = SampleSparseStudy.arm(CONFIG, "dense");
    assertThat(dense.steps(budget)).isEqualTo(budget);
    assertThat(dense.flops(budget)).isEqualTo(dense.budgetFlops(budget));
  }

  @Test
  void flopsAreThoseOfTheReferencePage() {
    Arm still = SampleSparseStudy.arm(CONFIG, "static");
    int width = CONFIG.model().widths().getFirst();
    int time = CONFIG.training().time();
    double forward = 0.25 * 24 * CONFIG.model().layers() * width * width
        + 4.0 * CONFIG.model().layers() * time * width + 2.0 * TokenStream.VOCABULARY * width;
    assertThat(still.flops(10)).isCloseTo(3 * forward * 10 * CONFIG.training().batch() * time, within(1e-3));
  }

  @ParameterizedTest
  @MethodSource("arms")
  void parametersFollowTheDensity(Arm arm) {
    int steps = 200;
    TopologySchedule topology = arm.topology(steps);
    double initial = arm.shape().density();
    double mean = arm.parameters(topology.meanDensity(steps, initial));
    assertThat(arm.parameters(1)).isEqualTo(arm.shape().parameters());
    assertThat(arm.parameters(1) - mean).isCloseTo(
        arm.shape().hiddenWeights() * (1 - topology.meanDensity(steps, initial)), within(1e-6));
    assertThat(topology.density(steps, initial)).isEqualTo(switch (arm.schedule()) {
      case "dense", "sparse-to-dense" -> 1.0;
      default -> arm.density();
    }, within(1e-12));
  }

  @Test
  void theFirstWidthIsTheBaseAndItIsDense() {
    ModelConfig model = CONFIG.model();
    SparseStudyConfig config = new SparseStudyConfig(
        new ModelConfig(List.of(16, 64), model.layers(), 16, false, 0.08, "supar"), List.of("static"), List.of(0.25),
        CONFIG.budgets(), CONFIG.topology(), CONFIG.training(), CONFIG.learningRates(), CONFIG.text(), 1);
    assertThat(config.arms().getFirst().scaling(0.01).scale().density()).isEqualTo(0.25);
    assertThat(config.arms().getLast().scaling(0.01).scale().width()).isEqualTo(4);
  }

  @Test
  void aDensityIsNamedWhereThereAreSeveral() {
    assertThat(CONFIG.schedules(List.of("dense", "gmp")).arms()).extracting(Arm::label).containsExactly("dense", "gmp");
    assertThat(CONFIG.schedules(List.of("dense", "gmp")).densities(List.of(0.25, 0.1)).arms()).extracting(Arm::label)
        .containsExactly("dense", "gmp 1/4", "gmp 1/10");
  }
}
