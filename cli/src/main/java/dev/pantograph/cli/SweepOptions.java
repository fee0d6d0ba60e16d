package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sweep.SweepProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that train many models in a run folder, and what happens around the training. A mixin. */
final class SweepOptions {
  @Mixin
  private RunOptions run = new RunOptions();

  @Mixin
  private BackendChoice choice = new BackendChoice();

  @Option(names = "--workers", paramLabel = "N",
      description = "Trials side by side, each on one thread. Default: one per processor.")
  private @Nullable Integer workers;

  /**
   * What is to be run.
   *
   * @param <C> its configuration
   * @param <R> what it finds
   */
  @FunctionalInterface
  interface Experiment<C, R> {
    R run(Backends backends, String backendId, int workers, C config, RunFolder folder, SweepProgress progress);
  }

  /** Tells what an experiment found. */
  @FunctionalInterface
  interface Printer<R> {
    void print(R result, RunFolder folder, PrintWriter out);
  }

  /**
   * Runs an experiment in a new folder, or goes on in an old one; says how it goes, how it can be continued if it is
   * stopped, and what it found.
   *
   * @param command its name, with which its folders begin
   * @param type of the configuration
   * @param configuration of a new run
   * @param trials file of the folder that grows trial by trial
   */
  <C, R> void run(String command, Class<C> type, Supplier<C> configuration, String trials, Experiment<C, R> experiment,
      Printer<R> printer, PrintWriter out) throws IOException {
    int sideBySide = workers();
    Backends backends = choice.discover();
    String backendId = choice.in(backends).id();
    RunFolder folder;
    C config;
    if (run.isResuming()) {
      folder = run.resumed(command);
      config = folder.readYaml(RunFolder.CONFIGURATION, type);
    } else {
      config = configuration.get();
      folder = run.created(command);
      folder.writeYaml(RunFolder.CONFIGURATION, config);
      folder.writeJson(RunFolder.ENVIRONMENT, Environment.of(backends, backendId));
    }
    out.println("Backend '%s', %d trials side by side; run folder %s".formatted(backendId, sideBySide, folder.path()));
    ConsoleProgress progress = new ConsoleProgress(out, Boolean.getBoolean("pantograph.stdout.terminal"));
    AtomicBoolean finished = new AtomicBoolean();
    Thread farewell = new Thread(() -> {
      if (!finished.get()) {
        progress.end();
        out.println("Stopped. %d trials of this session are kept; continue with: pantograph %s --resume %s"
            .formatted(progress.done(), command, folder.path()));
        out.flush();
      }
    });
    Runtime.getRuntime().addShutdownHook(farewell);
    try {
      R result = experiment.run(backends, backendId, sideBySide, config, folder, progress);
      progress.end();
      printer.print(result, folder, out);
    } catch (RuntimeException e) {
      folder.discardUnlessStarted(trials);
      throw e;
    } finally {
      finished.set(true);
    }
  }

  private int workers() {
    if (workers == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (workers < 1) {
      throw new IllegalArgumentException("--workers is %d (expected: at least 1)".formatted(workers));
    }
    return workers;
  }
}
