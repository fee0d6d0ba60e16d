package dev.pantograph.lab.sparse;

import dev.pantograph.lab.sparse.SparseStudyConfig.ModelConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TopologyConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TrainingConfig;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import java.util.List;

/** A study small enough to train in a test, with every schedule. */
final class SampleSparseStudy {
  private SampleSparseStudy() {}

  static SparseStudyConfig config(String corpus) {
    return new SparseStudyConfig(new ModelConfig(List.of(16), 1, 16, false, 0.08, "standard"), Arm.SCHEDULES,
        List.of(0.25), List.of(8, 16), new TopologyConfig(2, 0.3, 0.75, 0.1, 0.6, 0.75, "current"),
        new TrainingConfig(2, 16, 0.1, "linear", 0.1, 1), new LearningRateGrid(-7, -7), new TextConfig(corpus, 1 << 20),
        2);
  }

  static Arm arm(SparseStudyConfig config, String schedule) {
    return config.arms().stream().filter(arm -> arm.schedule().equals(schedule)).findFirst().orElseThrow();
  }
}
