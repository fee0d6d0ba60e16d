package dev.pantograph.cli;

import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sparse.SparseStudy;
import dev.pantograph.lab.sparse.SparseStudyConfig;
import dev.pantograph.lab.sparse.SparseStudyReport;
import dev.pantograph.lab.sparse.SparseStudyResult;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.sweep.TextConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sparse-study}: which schedule of density makes the most of the same training FLOPs? */
@Command(
    name = "sparse-study",
    description = {
      "Train the same models under several schedules of density, each with the same training FLOPs.",
      "Reports the losses and fits the law of the mean number of parameters. Interrupt at will: --resume goes on."
    })
final class SparseStudyCommand implements Callable<Integer> {
  private static final String KIND = "sparse-study";

  @Option(names = "--quick", description = "One small width: some two minutes on two cores.")
  private boolean quick;

  @Option(names = "--config", paramLabel = "FILE",
      description = "YAML with any key of run.yaml, laid over the defaults; other options go before it.")
  private @Nullable Path file;

  @Option(names = "--schedule", paramLabel = "NAME", split = ",",
      description = "Schedules to compare: dense, static, set, rigl, gmp, journey, sparse-to-dense. Default: all but "
          + "set and sparse-to-dense.")
  private List<String> schedules = List.of();

  @Option(names = "--density", paramLabel = "X", split = ",",
      description = "Densities of static, set and rigl; those that gmp and journey prune to and sparse-to-dense begins "
          + "with. Default: 0.25.")
  private List<Double> densities = List.of();

  @Option(names = "--budget", paramLabel = "N", split = ",",
      description = "Training FLOPs, as steps of the dense model.")
  private List<Integer> budgets = List.of();

  @Option(names = "--seeds", paramLabel = "N", description = "Repetitions of each trial.")
  private @Nullable Integer seeds;

  @Mixin
  private CorpusOptions corpus = new CorpusOptions();

  @Mixin
  private SweepOptions sweep = new SweepOptions();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    sweep.run(KIND, SparseStudyConfig.class, this::config, SparseStudy.TRIALS,
        (backends, backendId, workers, config, folder, progress) ->
            new SparseStudy(backends, backendId, workers, config, folder, progress).run(),
        SparseStudyCommand::print, spec.commandLine().getOut());
    return 0;
  }

  private SparseStudyConfig config() {
    SparseStudyConfig config = quick ? SparseStudyConfig.quick() : SparseStudyConfig.full();
    if (file != null) {
      config = Configuration.read(file, config, SparseStudyConfig.class);
    }
    if (!schedules.isEmpty()) {
      config = config.schedules(schedules);
    }
    if (!densities.isEmpty()) {
      config = config.densities(densities);
    }
    if (!budgets.isEmpty()) {
      config = config.budgets(budgets);
    }
    if (seeds != null) {
      config = config.seeds(seeds);
    }
    TextConfig text = config.text();
    return config.text(new TextConfig(corpus.corpus(text.corpus()), corpus.limitBytes(text.limitBytes())));
  }

  private static void print(SparseStudyResult result, RunFolder folder, PrintWriter out) {
    SparseStudyReport report = new SparseStudyReport(result);
    for (int width : result.config().model().widths()) {
      out.println("Width " + width);
      TextTable table = new TextTable("  ");
      table.row("FLOPs", "", "steps", "mean density", "final", "N̄", "η", "loss").line();
      result.cells().stream().filter(cell -> cell.width() == width).forEach(cell -> table.row(row(cell)));
      table.space().print(out);
    }
    report.findings().forEach(finding -> out.println("  " + finding));
    out.println("  " + report.lawInWords());
    out.println();
    out.println("%d trials, %s of training, %.1f million tokens of %s".formatted(result.trials(),
        RenewedLine.inWords(result.wallSeconds()), result.trainedTokens() * 1e-6, result.corpus()));
    out.println("Report: " + folder.resolve(SparseStudy.REPORT));
  }

  private static List<String> row(Cell cell) {
    return List.of(Quantity.scientific(cell.flops()).toString(), cell.label(), Integer.toString(cell.steps()),
        Quantity.number(cell.meanDensity(), 3), Quantity.number(cell.finalDensity(), 3),
        String.format(Locale.ROOT, "%,.0f", cell.parameters().mean()),
        "2^" + cell.log2LearningRate() + (cell.atEdge() ? " (edge)" : ""), cell.lossInWords());
  }
}
