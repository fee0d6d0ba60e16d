package dev.pantograph.jmh;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** What JMH and its forks have to say, kept for the case that one fails. */
final class JmhLog implements OutputFormat {
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  /** The exception a fork ended with, in its own words. */
  Optional<String> failure() {
    List<String> lines = text.toString(StandardCharsets.UTF_8).lines().map(String::strip).toList();
    return lines.stream().filter(line -> line.matches("(Caused by: )?[\\w.$]+(Exception|Error)(: .*)?"))
        .reduce((_, last) -> last).map(line -> line.replaceFirst("^Caused by: ", ""));
  }

  /** All of it. */
  @Override
  public String toString() {
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void print(String s) {
    text.writeBytes(s.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void println(String s) {
    print(s + "\n");
  }

  @Override
  public void verbosePrintln(String s) {
    println(s);
  }

  @Override
  public synchronized void write(int b) {
    text.write(b);
  }

  @Override
  public synchronized void write(byte[] bytes) {
    text.writeBytes(bytes);
  }

  @Override
  public void iteration(BenchmarkParams benchmark, IterationParams parameters, int iteration) {}

  @Override
  public void iterationResult(
      BenchmarkParams benchmark, IterationParams parameters, int iteration, IterationResult result) {}

  @Override
  public void startBenchmark(BenchmarkParams benchmark) {}

  @Override
  public void endBenchmark(BenchmarkResult result) {}

  @Override
  public void startRun() {}

  @Override
  public void endRun(Collection<RunResult> results) {}

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
