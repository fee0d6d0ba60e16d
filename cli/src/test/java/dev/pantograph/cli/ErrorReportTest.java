package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.BackendUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class ErrorReportTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new IllegalArgumentException("steps is 0"), 2, "error: steps is 0"),
        Arguments.of(new IOException("disk full"), 1, "error: disk full"),
        Arguments.of(new NoSuchFileException("run.yaml"), 1, "error: there is no file run.yaml"),
        Arguments.of(new UncheckedIOException(new NoSuchFileException("a.zip")), 1, "error: there is no file a.zip"),
        Arguments.of(new BackendUnavailableException("cuda", new Unavailable("no driver", "Install one")), 1,
            "error: backend 'cuda' is not available: no driver. Install one"),
        Arguments.of(new ArithmeticException("/ by zero"), 1,
            "error: java.lang.ArithmeticException: / by zero (this is a defect in Pantograph; --stacktrace shows where)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void everyFailureIsOneLineAndAnExitCode(Exception failure, int exitCode, String line) {
    StringWriter err = new StringWriter();
    Callable<Integer> failing = () -> {
      throw failure;
    };
    int actual = new CommandLine(CommandSpec.wrapWithoutInspection(failing))
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler(new ErrorReport(() -> false))
        .execute();
    assertThat(actual).isEqualTo(exitCode);
    assertThat(err.toString().lines()).containsExactly(line);
  }

  @Test
  void memoryThatCannotBeHadIsAFailedRun() {
    StringWriter err = new StringWriter();
    Runnable greedy = () -> {
      throw new OutOfMemoryError("buffer 'logits': 8 bytes");
    };
    int exitCode = new CommandLine(CommandSpec.wrapWithoutInspection(greedy))
        .setErr(new PrintWriter(err, true))
        .setExecutionStrategy(new ErrorReport(() -> false)::executeWithinMemory)
        .execute();
    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString().lines()).containsExactly("error: out of memory: buffer 'logits': 8 bytes");
  }
}
