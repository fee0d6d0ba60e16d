package dev.pantograph.jmh;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The comparisons with other implementations, as {@code jmh/peers.sh} starts them. */
@Command(
    name = "peers.sh", description = "Compare with other implementations, taking turns.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PeerMatMulBenchmark.class, PeerTrainingStep.class, HelpCommand.class})
final class PeerMain {
  private PeerMain() {}

  /** Runs a comparison and exits: 0 done, 1 failed, 2 asked for something that cannot be. */
  public static void main(String[] args) {
    CommandLine commandLine = new CommandLine(new PeerMain());
    commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(commandLine.execute(args));
  }
}
