package dev.pantograph.cli;

import dev.pantograph.cli.Benchmarks.Suite;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench}: how near to the machine's limits is it, does transfer still hold, and was it better before? */
@Command(
    name = "bench",
    description = {
      "Measure kernels and training steps against the machine's own ceilings, and how well learning rates transfer.",
      "Compares with an earlier run by --baseline. Exit code 1 if anything is worse than it was."
    })
final class BenchCommand implements Callable<Integer> {
  private static final double TOLERANCE = 0.1;
  /** One fork is one compilation and one place in memory: the same program was seen to lose a fifth in another. */
  private static final double QUICK_TOLERANCE = 0.3;

  @Parameters(
      paramLabel = "SUITE", arity = "0..*",
      description = "throughput, transfer or scaling. Default: throughput and transfer, which a baseline can hold.")
  private List<String> suites = List.of();

  @Option(names = "--filter", paramLabel = "RE", defaultValue = "", showDefaultValue = Visibility.NEVER,
      description = "Only the cases whose name contains this regular expression; --list shows the names.")
  private String filter = "";

  @Option(names = "--list", description = "Print the names of the cases and measure nothing.")
  private boolean list;

  @Option(names = "--quick", description = "Short measurements: a glance, or a gate with a large tolerance.")
  private boolean quick;

  @Option(names = "--allocations", description = "Count bytes allocated on the heap, too.")
  private boolean allocations;

  @Option(names = "--json", paramLabel = "FILE", description = "Keep all samples in this file: a later --baseline.")
  private @Nullable Path json;

  @Option(names = "--baseline", paramLabel = "FILE", description = "Compare with what an earlier --json kept.")
  private @Nullable Path baseline;

  @Option(names = "--tolerance", paramLabel = "X",
      description = "Part of its fraction of the ceiling that a case may lose to the baseline. Default: 0.1; with "
          + "--quick, 0.3.")
  private @Nullable Double tolerance;

  @Option(names = "--out", paramLabel = "DIR", defaultValue = "runs/scaling", showDefaultValue = Visibility.ALWAYS,
      description = "Folder for the plots of 'scaling'.")
  private Path out = Path.of("");

  @Mixin
  private BackendSelection selection = new BackendSelection();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    Benchmarks.Order order = order();
    Benchmarks benchmarks = ServiceLoader.load(Benchmarks.class).findFirst().orElseThrow(() ->
        new IllegalArgumentException("this program has no benchmarks in it; './pantograph bench' in the source tree "
            + "builds and starts the one that has"));
    PrintWriter console = spec.commandLine().getOut();
    if (list) {
      benchmarks.list(order, console);
      return 0;
    }
    return benchmarks.run(order, console) ? 0 : 1;
  }

  private Benchmarks.Order order() {
    double allowed = tolerance != null ? tolerance : quick ? QUICK_TOLERANCE : TOLERANCE;
    if (!(allowed > 0 && allowed < 1)) {
      throw new IllegalArgumentException("--tolerance is %s (expected: above 0, below 1)".formatted(allowed));
    }
    if (json != null && !Files.isDirectory(json.resolveSibling(""))) {
      throw new IllegalArgumentException("--json %s: there is no folder %s".formatted(json, json.getParent()));
    }
    List<Suite> chosen = suites.isEmpty() ? List.of(Suite.THROUGHPUT, Suite.TRANSFER)
        : suites.stream().map(BenchCommand::suite).distinct().toList();
    return new Benchmarks.Order(chosen, pattern(), selection.id(selection.discover()), selection.threads(), quick,
        allocations, json, baseline, allowed, out, Boolean.getBoolean("pantograph.stdout.terminal"));
  }

  private static Suite suite(String name) {
    List<String> known = Arrays.stream(Suite.values()).map(Suite::label).toList();
    return Arrays.stream(Suite.values()).filter(suite -> suite.label().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no suite is named '%s'%s (there are %s)"
            .formatted(name, NearestName.suggestion(name, known), String.join(", ", known))));
  }

  private Pattern pattern() {
    try {
      return Pattern.compile(filter);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("--filter '%s' is no regular expression: %s at position %d"
          .formatted(filter, e.getDescription(), e.getIndex()), e);
    }
  }
}
