package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantograph.lab.sparse.SparseStudyConfig.ModelConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TopologyConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TrainingConfig;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparseStudyConfigTest {
  @Test
  void allProblemsAreReportedAtOnce() {
    Throwable failure = catchThrowable(() -> new SparseStudyConfig(
        new ModelConfig(List.of(24), 0, 16, false, 0.08, "standard"), List.of("dense", "gpm"), List.of(0.0, 1.0),
        List.of(3), new TopologyConfig(0, 0.3, 1.5, 0.5, 0.5, 0.75, "current"),
        new TrainingConfig(0, 0, -0.1, "linear", 0.1, 0), new LearningRateGrid(-4, -8), new TextConfig("", 0), 0));
    assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessage("sparse-study: " + String.join("; ",
        "schedules has gpm (expected: dense, static, set, rigl, gmp, journey, sparse-to-dense)",
        "densities has 0.0 (expected: above 0, below 1)",
        "densities has 1.0 (expected: above 0, below 1)",
        "budgets has 3 (expected: at least 4)",
        "model.widths has 24 (expected: multiples of model.headDim 16)",
        "model.layers has 0 (expected: at least 1)",
        "topology.every has 0 (expected: at least 1)",
        "topology.regrowUntil has 1.5 (expected: 0 to 1, a share of the steps)",
        "topology.pruneFrom has 0.5 (expected: below topology.pruneUntil 0.5)",
        "training.batch has 0 (expected: at least 1)",
        "training.time has 0 (expected: at least 1)",
        "training.warmup has -0.1 (expected: 0 to 1, a share of the steps)",
        "training.validationBatches has 0 (expected: at least 1)",
        "learningRates.lowest has -4 (expected: at most learningRates.highest -8)",
        "text.limitBytes has 0 (expected: at least 1)",
        "seeds has 0 (expected: at least 1)"));
  }

  @Test
  void listsNeedEntriesAndHaveNoneTwice() {
    SparseStudyConfig config = SparseStudyConfig.quick();
    assertThatIllegalArgumentException().isThrownBy(() -> config.schedules(List.of()))
        .withMessageContaining("schedules has nothing (expected: at least one)");
    assertThatIllegalArgumentException().isThrownBy(() -> config.densities(List.of()))
        .withMessageContaining("densities has nothing");
    assertThatIllegalArgumentException().isThrownBy(() -> config.budgets(List.of(8, 8)))
        .withMessageContaining("budgets has [8, 8] (expected: none twice)");
  }

  @Test
  void denseAloneNeedsNoDensity() {
    SparseStudyConfig config = SparseStudyConfig.quick().schedules(List.of("dense")).densities(List.of());
    assertThat(config.arms()).extracting(Arm::density).containsExactly(1.0);
  }

  @Test
  void namesAreCheckedBeforeAnythingRuns() {
    SparseStudyConfig config = SparseStudyConfig.quick();
    TopologyConfig topology = config.topology();
    SparseStudyConfig wrong = new SparseStudyConfig(config.model(), config.schedules(), config.densities(),
        config.budgets(), new TopologyConfig(topology.every(), 2, 0.75, 0, 0.5, 0.75, "current"), config.training(),
        config.learningRates(), config.text(), 1);
    assertThatIllegalArgumentException().isThrownBy(wrong::check)
        .withMessageStartingWith("topology.dropFraction is 2.0 (expected: above 0, at most 1)");
  }
}
