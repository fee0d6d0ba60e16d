package dev.pantograph.cli;

import dev.pantograph.lab.replay.Replay;
import dev.pantograph.lab.replay.ReplayResult;
import dev.pantograph.lab.replay.ReplayResult.Deviation;
import dev.pantograph.spi.Backend;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: a training run recorded from another implementation, run again and compared number by number. */
@Command(
    name = "replay",
    description = {
      "Run a recorded training trajectory again and compare every loss, gradient norm and final parameter norm.",
      "Exit code 1 if any deviates by more than its tolerance."
    })
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Folder with golden.json, init.safetensors and batches.u16.")
  private Path folder = Path.of("");

  @Option(
      names = "--tolerance", paramLabel = "X", defaultValue = "" + Replay.LOSS_TOLERANCE,
          showDefaultValue = Visibility.ALWAYS,
      description = "Largest relative deviation of a loss that passes.")
  private double tolerance;

  @Mixin
  private BackendSelection selection = new BackendSelection();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Backend backend = selection.open(selection.discover())) {
      ReplayResult result = Replay.run(folder, backend, tolerance);
      out.println("%s: %d steps on backend '%s'".formatted(result.source(), result.steps(), result.backend()));
      TextTable table = new TextTable("  ");
      table.row("", "worst deviation", "tolerance", "where", "ours", "recorded", "").line();
      for (Deviation deviation : result.deviations()) {
        table.row(deviation.quantity(), scientific(deviation.worst()), scientific(deviation.tolerance()),
            deviation.where(),
            SignificantDigits.of(deviation.ours()), SignificantDigits.of(deviation.recorded()),
            deviation.passed() ? "ok" : "TOO FAR");
      }
      table.print(out);
      out.println(result.passed() ? "The trajectory is reproduced." : "The trajectory is NOT reproduced.");
      return result.passed() ? 0 : 1;
    }
  }

  private static String scientific(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
  }
}
