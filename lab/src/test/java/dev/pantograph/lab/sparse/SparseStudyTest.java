package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sparse.LawFit.Count;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.testing.SilentProgress;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.lab.testing.TestText;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class SparseStudyTest {
  @TempDir
  private Path folder;

  private SparseStudyResult run(SparseStudyConfig config, RunFolder run, SilentProgress progress) {
    return new SparseStudy(TestBackends.all(), "vector", 2, config, run, progress).run();
  }

  @Test
  void everyScheduleTrainsAndNothingRunsTwice() throws IOException {
    SparseStudyConfig config = SampleSparseStudy.config(TestText.in(folder).toString());
    RunFolder run = RunFolder.create(folder.resolve("run"));
    SilentProgress progress = new SilentProgress();
    SparseStudyResult result = run(config, run, progress);

    List<String> lines = Files.readAllLines(run.resolve(SparseStudy.TRIALS));
    assertThat(lines).hasSize(progress.finished.get()).hasSize(result.trials()).doesNotHaveDuplicates();
    assertThat(result.cells()).hasSize(7 * 2);
    for (Cell cell : result.cells()) {
      assertThat(cell.losses()).hasSize(2).doesNotContainNull();
      assertThat(cell.flops()).isCloseTo(cell.budgetFlops(), within(cell.budgetFlops() / cell.budget()));
      assertThat(cell.tokens()).isEqualTo(cell.steps() * 2L * 16);
      assertThat(cell.parameters().mean()).isBetween(
          Math.min(cell.parameters().initial(), cell.parameters().last()) - 1e-6,
          Math.max(cell.parameters().initial(), cell.parameters().last()) + 1e-6);
    }
    assertThat(result.fits()).extracting(LawFit::count).contains(Count.MEAN);
    assertThat(run.readJson(SparseStudy.RESULT, SparseStudyResult.class)).isEqualTo(result);
    assertThat(run.resolve(SparseStudy.REPORT)).content().contains("<svg", "journey", "The law");

    Files.delete(run.resolve(SparseStudy.RESULT));
    Files.writeString(run.resolve(SparseStudy.TRIALS), String.join("\n", lines.subList(0, lines.size() - 3)) + "\n");
    SilentProgress again = new SilentProgress();
    assertThat(run(config, run, again).cells()).isEqualTo(result.cells());
    assertThat(again.finished).hasValue(3);
  }

  @Test
  void theReportIsWellFormedWhateverCameOut() throws Exception {
    SparseStudyConfig config = SampleSparseStudy.config("").schedules(List.of("dense", "gmp"));
    List<Cell> cells = config.arms().stream().flatMap(arm -> config.budgets().stream().map(budget -> cell(arm, budget)))
        .toList();
    for (List<LawFit> fits : List.of(List.<LawFit>of(),
        LawFit.of(LawFitTest.cells(new ParameterLaw(1.69, 406.4, 0.34, 410.7, 0.28))))) {
      SparseStudyResult result = new SparseStudyResult(
          Environment.of(TestBackends.all(), "vector"), config, "text & <more>", cells, fits, 9,
          1000, 60);
      String html = new SparseStudyReport(result).html();
      Document page = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
          .parse(new InputSource(new StringReader(html.substring(html.indexOf('\n')))));
      assertThat(page.getElementsByTagName("figure").getLength()).isEqualTo(2);
      assertThat(html).doesNotContain("NaN", "Infinity", ">null").contains("diverged");
    }
  }

  /** A cell whose losses exist at the larger budget alone. */
  private static Cell cell(Arm arm, int budget) {
    int steps = arm.steps(budget);
    return new Cell(arm.width(), arm.schedule(), arm.density(), arm.label(), budget, arm.budgetFlops(budget), steps,
        arm.flops(steps), 32L * steps, 0.5, 0.25,
        new SparseStudyResult.Parameters(arm.parameters(1), arm.parameters(0.5), arm.parameters(0.25)), -7, true,
        budget > 8 ? Arrays.asList(2.5, 2.6) : Arrays.asList(null, 2.9));
  }
}
