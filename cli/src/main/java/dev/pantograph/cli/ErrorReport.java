package dev.pantograph.cli;

import dev.pantograph.lab.run.Configuration.UnknownKeyException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Turns what went wrong into a line for a person and an exit code for a script: 2 if another command line would help, 1
 * if the work itself failed. Stack traces are shown only on request.
 */
final class ErrorReport implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private static final String OWN_PACKAGES = "dev.pantograph.";

  private final BooleanSupplier stackTraces;

  ErrorReport(BooleanSupplier stackTraces) {
    this.stackTraces = stackTraces;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    print(command, UnknownArgument.in(command).map(UnknownArgument::message).orElseGet(failure::getMessage), failure);
    command.getErr().println("See '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    if (isExpected(failure)) {
      print(command, message(failure), failure);
    } else {
      print(command, failure + " (this is a defect in Pantograph; --stacktrace shows where)", failure);
    }
    boolean mistaken = failure instanceof IllegalArgumentException || failure instanceof UnknownKeyException;
    return mistaken ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  /**
   * Runs a command; memory that cannot be had is a failed run like any other, and its message says which buffer it was.
   */
  int executeWithinMemory(ParseResult parsed) {
    try {
      return new RunLast().execute(parsed);
    } catch (OutOfMemoryError failure) {
      print(parsed.commandSpec().commandLine(), "out of memory: " + failure.getMessage(), failure);
      return ExitCode.SOFTWARE;
    }
  }

  private static boolean isExpected(Exception failure) {
    return failure.getMessage() != null
        && (failure instanceof IllegalArgumentException || failure instanceof IOException
            || failure instanceof UncheckedIOException || failure.getClass().getName().startsWith(OWN_PACKAGES));
  }

  private static String message(Exception failure) {
    return switch (failure) {
      case NoSuchFileException e -> "there is no file " + e.getFile();
      case FileAlreadyExistsException e -> e.getFile() + " already exists";
      case AccessDeniedException e -> "no permission for " + e.getFile();
      case UnknownKeyException e -> e.getMessage() + NearestName.suggestion(e.key(), e.known());
      case UncheckedIOException e -> message(Objects.requireNonNull(e.getCause()));
      default -> String.valueOf(failure.getMessage());
    };
  }

  private void print(CommandLine command, String message, Throwable failure) {
    PrintWriter err = command.getErr();
    err.println("error: " + message);
    if (stackTraces.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    err.flush();
  }
}
