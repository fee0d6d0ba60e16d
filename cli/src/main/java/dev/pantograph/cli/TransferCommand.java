package dev.pantograph.cli;

import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.transfer.TransferConfig;
import dev.pantograph.lab.transfer.TransferExperiment;
import dev.pantograph.lab.transfer.TransferResult;
import dev.pantograph.lab.transfer.TransferResult.Study;
import dev.pantograph.lab.transfer.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code transfer}: does the best learning rate of a small model stay best for its larger relatives? */
@Command(
    name = "transfer",
    description = {
      "Sweep learning rate × size and report whether the best learning rate transfers.",
      "Compares the standard parameterization with the rules made for the axis. Interrupt at will: --resume goes on."
    })
final class TransferCommand implements Callable<Integer> {
  private static final String KIND = "transfer";

  @Option(names = "--quick", description = "Widths only, few sizes and seeds: some three minutes on two cores.")
  private boolean quick;

  @Option(names = "--config", paramLabel = "FILE",
      description = "YAML with any key of run.yaml, laid over the defaults; other options go before it.")
  private @Nullable Path file;

  @Option(
      names = "--axis", paramLabel = "AXIS", split = ",",
      description = "What to scale: ${COMPLETION-CANDIDATES}. Default: width and density; with --quick, width.")
  private List<Axis> axes = List.of();

  @Option(
      names = "--rule", paramLabel = "NAME",
      description = "Parameterization to compare with the standard one. Default: the one made for each axis.")
  private @Nullable String rule;

  @Option(names = "--seeds", paramLabel = "N", description = "Repetitions of each trial.")
  private @Nullable Integer seeds;

  @Option(names = "--steps", paramLabel = "N", description = "Updates of each trial.")
  private @Nullable Integer steps;

  @Mixin
  private CorpusOptions corpus = new CorpusOptions();

  @Mixin
  private SweepOptions sweep = new SweepOptions();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    sweep.run(KIND, TransferConfig.class, this::config, TransferExperiment.TRIALS,
        (backends, backendId, workers, config, folder, progress) ->
            new TransferExperiment(backends, backendId, workers, config, folder, progress).run(),
        TransferCommand::print, spec.commandLine().getOut());
    return 0;
  }

  private TransferConfig config() {
    TransferConfig config = quick ? TransferConfig.quick() : TransferConfig.full();
    if (file != null) {
      config = Configuration.read(file, config, TransferConfig.class);
    }
    if (!axes.isEmpty()) {
      config = config.axes(axes, quick);
    }
    if (rule != null) {
      config = config.rule(ParameterizationCommand.named(rule).name());
    }
    if (seeds != null) {
      config = config.seeds(seeds);
    }
    if (steps != null) {
      config = config.steps(steps);
    }
    TextConfig text = config.text();
    return config.text(new TextConfig(corpus.corpus(text.corpus()), corpus.limitBytes(text.limitBytes())));
  }

  private static void print(TransferResult result, RunFolder folder, PrintWriter out) {
    for (Axis axis : result.studies().stream().map(Study::axis).distinct().toList()) {
      List<Study> studies = result.studies().stream().filter(study -> study.axis() == axis).toList();
      out.println("Best learning rate against " + axis.label());
      printOptima(studies, out);
      for (Study study : studies) {
        Verdict verdict = Verdict.of(study);
        out.println("  %s %s".formatted(verdict.outcome().symbol(), verdict.sentence()));
        out.println("    coordinate check: %s".formatted(coordinateCheck(study)));
      }
      out.println();
    }
    out.println("%d trials, %s of training, %.1f million tokens of %s".formatted(result.trials(),
        RenewedLine.inWords(result.wallSeconds()), result.trainedTokens() * 1e-6, result.corpus()));
    out.println("Report: " + folder.resolve(TransferExperiment.REPORT));
  }

  /** One row for each size: the optimum under each rule, as log₂. */
  private static void printOptima(List<Study> studies, PrintWriter out) {
    TextTable table = new TextTable("  ");
    List<String> header = new ArrayList<>(List.of(""));
    studies.forEach(study -> header.add(study.parameterization()));
    table.row(header).line();
    for (int i = 0; i < studies.getFirst().curves().size(); i++) {
      int size = i;
      List<String> row = new ArrayList<>();
      row.add(SignificantDigits.of(studies.getFirst().curves().get(i).size()));
      studies.forEach(study -> row.add(String.format(Locale.ROOT, "2^%.2f  loss %.3f",
          study.curves().get(size).optimum().log2LearningRate(), study.curves().get(size).optimum().loss())));
      table.row(row);
    }
    table.space().print(out);
  }

  private static String coordinateCheck(Study study) {
    String moving = study.coordinateCheck().layers().stream().filter(layer -> !layer.flat())
        .map(layer -> layer.name()).collect(Collectors.joining(", "));
    return moving.isEmpty()
        ? "activations and updates keep their size in every layer"
        : "sizes change with scale: " + moving;
  }
}
