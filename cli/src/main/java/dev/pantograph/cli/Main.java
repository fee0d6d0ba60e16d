package dev.pantograph.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code pantograph}. A new command is a class of its own and one more entry in {@code subcommands}. */
@Command(
    name = "pantograph",
    description = "Tune a small dense model; train a wide, deep, sparse one with the same hyperparameters.",
    synopsisSubcommandLabel = "COMMAND",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    subcommands = {
      TransferCommand.class,
      TrainCommand.class,
      CoordinateCheckCommand.class,
      SparseStudyCommand.class,
      ParameterizationCommand.class,
      ReplayCommand.class,
      TraceCommand.class,
      WaferCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  private static final int HELP_WIDTH = 110;

  @Spec
  private CommandSpec spec;

  @Option(
      names = "--stacktrace", scope = ScopeType.INHERIT,
      description = "When something fails, show where in the program.")
  private boolean stacktrace;

  private final boolean debug;

  private Main(boolean debug) {
    this.debug = debug;
  }

  /** Runs the command that {@code args} name and exits: 0 done, 1 failed, 2 asked for something that cannot be. */
  public static void main(String[] args) {
    // The console's own encoding may not know Greek letters; terminals and files today read UTF-8.
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int exitCode = commandLine(out, err, System.getenv("PANTOGRAPH_DEBUG") != null).execute(args);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /**
   * The whole command line, ready to execute.
   *
   * @param debug whether failures show their stack trace even without {@code --stacktrace}
   */
  static CommandLine commandLine(PrintWriter out, PrintWriter err, boolean debug) {
    Main main = new Main(debug);
    ErrorReport errors = new ErrorReport(main::showsStackTraces);
    return new CommandLine(main)
        .setOut(out)
        .setErr(err)
        .setUsageHelpWidth(HELP_WIDTH)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setExecutionStrategy(errors::executeWithinMemory);
  }

  private boolean showsStackTraces() {
    return stacktrace || debug;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
