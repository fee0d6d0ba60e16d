package dev.pantograph.cli;

import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.core.trace.KernelTrace;
import dev.pantograph.core.trace.Rerun;
import dev.pantograph.core.trace.TraceDifference;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trace}: what {@code train --record} wrote. */
@Command(
    name = "trace",
    description = "Kernels that 'train --record' wrote to a file: show them, compare two files, or run them again.",
    synopsisSubcommandLabel = "COMMAND")
final class TraceCommand implements Runnable {
  /** Results of a kernel that are shown; the optimizer has three for each parameter. */
  private static final int SHOWN = 4;

  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Prints one line for each result. */
  @Command(name = "show", description = "List the kernels with the sizes of their results.")
  int show(
      @Parameters(paramLabel = "FILE", description = "A trace.") Path file,
      @Option(names = "--step", paramLabel = "N", description = "Only this step.") @Nullable Long step,
      @Option(names = "--operands", description = "Also where each operand lies.") boolean operands) {
    PrintWriter out = spec.commandLine().getOut();
    try (KernelTrace trace = KernelTrace.open(file)) {
      List<TracedKernel> kernels =
          trace.kernels().stream().filter(traced -> step == null || traced.step() == step).toList();
      out.println("%d kernels of backend '%s', with %s".formatted(kernels.size(), trace.header().backend(),
          trace.header().detail().name().toLowerCase(Locale.ROOT)));
      TextTable table = new TextTable("  ");
      table.row("step", "kernel", "", "result", "root mean square", "range", "not finite", "digest").line();
      kernels.forEach(traced -> add(table, trace, traced, operands));
      table.print(out);
    }
    return 0;
  }

  private static void add(TextTable table, KernelTrace trace, TracedKernel traced, boolean operands) {
    Kernel kernel = trace.kernel(traced);
    List<String> name = List.of("" + traced.step(), "" + traced.number(), KernelLabel.of(kernel));
    if (traced.results().isEmpty()) {
      table.row(name);
    }
    List<Result> shown = traced.results().subList(0, Math.min(SHOWN, traced.results().size()));
    for (Result result : shown) {
      List<String> cells = new ArrayList<>(result == shown.getFirst() ? name : List.of("", "", ""));
      cells.addAll(List.of(result.operand(), SignificantDigits.of(result.rms()),
          SignificantDigits.of(result.least()) + " to " + SignificantDigits.of(result.greatest()),
          result.notFinite() == 0 ? "" : result.notFinite() + " of " + result.elements(),
          result.digest().substring(0, 8)));
      table.row(cells);
    }
    if (shown.size() < traced.results().size()) {
      table.row("", "", "", "and %d more".formatted(traced.results().size() - shown.size()));
    }
    if (operands) {
      for (Kernel.Operand operand : kernel.operands()) {
        Buffer buffer = operand.view().buffer();
        table.row("", "", "    %s %s, from element %d of %d bytes".formatted(operand.access(), operand.name() + " in "
            + operand.view(), operand.view().offset(), buffer.byteSize()));
      }
    }
  }

  /** Prints where two traces part. */
  @Command(name = "diff",
      description = {
        "Name the first kernel of which structure or results differ, with the largest difference of an element.",
        "Exit code 1 if there is one."
      })
  int diff(
      @Parameters(paramLabel = "A", index = "0", description = "A trace.") Path a,
      @Parameters(paramLabel = "B", index = "1", description = "Another.") Path b,
      @Option(names = "--tolerance", paramLabel = "X", defaultValue = "0", showDefaultValue = Visibility.ALWAYS,
          description = "How far results may differ, as a share of their root mean square; 0 compares bits.")
      double tolerance) {
    PrintWriter out = spec.commandLine().getOut();
    try (KernelTrace one = KernelTrace.open(a); KernelTrace other = KernelTrace.open(b)) {
      Optional<TraceDifference> first = TraceDifference.first(one, other, tolerance);
      out.println(first.map(difference -> "They part at " + difference)
          .orElse("No difference in %d kernels".formatted(one.kernels().size())));
      return first.isPresent() ? 1 : 0;
    }
  }

  /** Runs recorded kernels again and prints how far the results are from the recorded ones. */
  @Command(name = "rerun",
      description = {
        "Run each kernel again on its recorded operands, and compare with its recorded results.",
        "Needs a trace with contents. Exit code 1 if a result is further away than rounding on both sides explains."
      })
  int rerun(
      @Parameters(paramLabel = "FILE", description = "A trace with contents.") Path file,
      @Mixin BackendSelection selection) {
    PrintWriter out = spec.commandLine().getOut();
    try (KernelTrace trace = KernelTrace.open(file); Backend backend = selection.open(selection.discover())) {
      List<Rerun> results = new ArrayList<>();
      Rerun.all(trace, backend, results::add);
      long wrong = results.stream().filter(result -> result.difference().share() > 1).count();
      out.println("%d results of %d kernels of '%s', on '%s' again: %s".formatted(results.size(),
          trace.kernels().size(), trace.header().backend(), backend.id(),
          wrong == 0 ? "all agree" : wrong + " DIFFER"));
      TextTable table = new TextTable("  ");
      table.row("step", "kernel", "", "result", "greatest error", "of what rounding allows", "at", "").line();
      results.stream().sorted((x, y) -> Double.compare(y.difference().share(), x.difference().share()))
          .limit(Math.max(10, wrong)).forEach(result -> table.row("" + result.step(), "" + result.number(),
              result.kernel(), result.operand(), String.format(Locale.ROOT, "%.2e", result.difference().error()),
              String.format(Locale.ROOT, "%.0f %%", 100 * result.difference().share()),
              Arrays.toString(result.index()), result.difference().share() > 1 ? "TOO FAR" : ""));
      table.print(out);
      return wrong == 0 ? 0 : 1;
    }
  }
}
