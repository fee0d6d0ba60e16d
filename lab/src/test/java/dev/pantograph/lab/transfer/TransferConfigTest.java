package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferConfigTest {
  private static final BaseModel BASE = new BaseModel(16, 2, 16, 1, true, 0.02);

  @Test
  void allProblemsAreReportedAtOnce() {
    StudyConfig empty = new StudyConfig(Axis.WIDTH, List.of(), List.of(16.0), BASE, new LearningRateGrid(-4, -8));
    Throwable failure = catchThrowable(() -> new TransferConfig(List.of(empty, empty),
        new TrainingConfig(0, -1, 0, 5, "linear", 0.1, 0), new TextConfig("", 0), 0));

    assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessage("transfer: " + String.join("; ",
        "studies name an axis twice (expected: one study for each axis)",
        "studies, axis width: needs at least one rule and one size",
        "studies, axis width: learningRates go from 2^-4 to 2^-8 (expected: lowest first)",
        "studies, axis width: needs at least one rule and one size",
        "studies, axis width: learningRates go from 2^-4 to 2^-8 (expected: lowest first)",
        "training.batch is 0 (expected: at least 1)",
        "training.time is -1 (expected: at least 1)",
        "training.steps is 0 (expected: at least 1)",
        "training.warmup is 5 (expected: between 0 and training.steps)",
        "training.validationBatches is 0 (expected: at least 1)",
        "text.limitBytes is 0 (expected: at least 1)",
        "seeds is 0 (expected: at least 1)"));
  }

  @Test
  void aStudyIsNeeded() {
    TransferConfig quick = TransferConfig.quick();
    assertThatIllegalArgumentException().isThrownBy(() -> new TransferConfig(List.of(), quick.training(), quick.text(),
        1))
        .withMessage("transfer: studies is empty (expected: at least one axis)");
  }

  @Test
  void axesChooseTheReadyMadeStudies() {
    TransferConfig config = TransferConfig.quick().axes(List.of(Axis.DENSITY, Axis.DEPTH), true);
    assertThat(config.studies()).extracting(StudyConfig::axis).containsExactly(Axis.DENSITY, Axis.DEPTH);
    assertThat(config.studies().get(1).rules()).containsExactly("standard", "completep");
    assertThat(config.seeds()).isEqualTo(TransferConfig.quick().seeds());
    assertThat(config.study(Axis.DEPTH)).isSameAs(config.studies().get(1));
    assertThat(TransferConfig.full().axes(List.of(Axis.WIDTH), false).study(Axis.WIDTH).sizes())
        .hasSizeGreaterThan(TransferConfig.quick().study(Axis.WIDTH).sizes().size());
  }

  @Test
  void aRuleIsComparedWithTheStandard() {
    TransferConfig full = TransferConfig.full();
    assertThat(full.rule("product").studies()).extracting(StudyConfig::rules)
        .containsOnly(List.of("standard", "product"));
    assertThat(full.rule("standard").studies()).extracting(StudyConfig::rules).containsOnly(List.of("standard"));
    assertThat(full.rule("mup").study(Axis.WIDTH).sizes()).isEqualTo(full.study(Axis.WIDTH).sizes());
  }

  @Test
  void warmUpKeepsItsShareOfOtherSteps() {
    TrainingConfig before = TransferConfig.quick().training();
    TrainingConfig after = TransferConfig.quick().steps(3 * before.steps()).training();
    assertThat(after).isEqualTo(new TrainingConfig(before.batch(), before.time(), 3 * before.steps(),
        3 * before.warmup(),
        before.schedule(), before.weightDecay(), before.validationBatches()));
    assertThat(TransferConfig.quick().steps(1).training().warmup()).isZero();
  }

  @Test
  void seedsAndTextReplaceTheirOwnOnly() {
    TransferConfig quick = TransferConfig.quick();
    TextConfig text = new TextConfig("book.txt", 7);
    assertThat(quick.seeds(9).text(text))
        .isEqualTo(new TransferConfig(quick.studies(), quick.training(), text, 9));
  }
}
