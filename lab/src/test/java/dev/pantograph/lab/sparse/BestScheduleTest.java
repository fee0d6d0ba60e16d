package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.sparse.SparseStudyResult.Parameters;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BestScheduleTest {
  static Cell cell(String schedule, @Nullable Double... losses) {
    return new Cell(64, schedule, 0.25, schedule, 100, 1e12, 120, 1e12, 1000, 0.5, 0.25, new Parameters(4, 3, 2), -7,
        false, Arrays.asList(losses));
  }

  @Test
  void theLowestIsNamedWithTheNextAndDense() {
    assertThat(new BestSchedule(List.of(cell("dense", 2.5, 2.6), cell("gmp", 2.2, 2.3), cell("static", 2.35, 2.45)))
        .sentence()).isEqualTo("Width 64, FLOPs of 100 dense steps: gmp ends lowest, at 2.250 ± 0.071 nats; next is "
            + "static at 2.400 ± 0.071, no seed of which comes as low. Dense: 2.550 ± 0.071.");
  }

  @Test
  void seedsThatOverlapDoNotTell() {
    assertThat(new BestSchedule(List.of(cell("dense", 2.2, 2.6), cell("gmp", 2.2, 2.3))).sentence())
        .endsWith("next is dense at 2.400 ± 0.283, which the seeds do not tell from it.");
    assertThat(new BestSchedule(List.of(cell("dense", 2.6), cell("gmp", 2.2))).sentence())
        .endsWith("next is dense at 2.600, which the seeds do not tell from it.");
  }

  @Test
  void whatDivergedIsNotRanked() {
    assertThat(new BestSchedule(List.of(cell("dense", 2.6, 2.7), cell("gmp", 2.2, null))).sentence())
        .endsWith("dense ends lowest, at 2.650 ± 0.071 nats, the only one to train.");
    assertThat(new BestSchedule(List.of(cell("gmp", (Double) null))).sentence())
        .endsWith("every schedule diverged.");
  }
}
