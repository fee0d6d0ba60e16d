package dev.pantograph.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command line did.
 *
 * @param exitCode as the process would return it
 * @param out all of stdout
 * @param err all of stderr
 */
record CommandRun(int exitCode, String out, String err) {

  /** Runs {@code pantograph} with these arguments inside this process. */
  static CommandRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true), false).execute(arguments);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }
}
