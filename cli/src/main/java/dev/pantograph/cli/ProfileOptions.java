package dev.pantograph.cli;

import dev.pantograph.lab.run.WholeFile;
import dev.pantograph.lab.train.StepProfiler;
import dev.pantograph.lab.train.StepWatch;
import dev.pantograph.lab.train.TrainRun;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Ceilings;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a training run is profiled. A mixin. */
final class ProfileOptions {
  /** Enough for the compiler to be done with a step's kernels; a short run gives half of its steps. */
  private static final int WARM_UP = 10;
  /** Steps of the trace: enough to see that they are alike, few enough to open at once. */
  private static final int TRACED = 10;

  @Option(names = "--profile",
      description = "Print where the time of a step went: by kernel, with the speed reached and its share of the peak.")
  private boolean profile;

  @Option(names = "--trace", paramLabel = "FILE",
      description = "Write a timeline of the first " + TRACED + " steps after the warm-up, to be opened in Perfetto.")
  private @Nullable Path trace;

  private @Nullable StepProfiler profiler;
  private @Nullable Ceilings ceilings;

  /**
   * Refuses a trace that could not be written in the end.
   *
   * @throws IllegalArgumentException if there is no folder for it
   */
  void check() {
    if (trace != null) {
      requireWritable("--trace", trace);
    }
  }

  /** Refuses a file that could not be written. */
  static void requireWritable(String option, Path file) {
    if (Files.isDirectory(file) || !Files.isDirectory(file.toAbsolutePath().resolveSibling(""))) {
      throw new IllegalArgumentException("%s %s (expected: a file in a folder that exists)".formatted(option, file));
    }
  }

  /** The watch that an option asks for; null if none does. */
  @Nullable StepWatch watch(TrainRun run, Backend backend) {
    if (!profile && trace == null) {
      return null;
    }
    if (profile) {
      ceilings = backend.measureCeilings();
    }
    profiler = new StepProfiler(backend, Math.min(WARM_UP, run.config().steps() / 2), trace == null ? 0 : TRACED);
    return profiler;
  }

  /** Prints the profile and writes the trace of a run that has ended. */
  void report(PrintWriter out) {
    if (profiler == null) {
      return;
    }
    int recorded = profiler.profile().recordings();
    String leftOut = "the first %d left out".formatted(profiler.leftOut());
    if (recorded == 0) {
      out.println("No profile: no step was made, or too few (%s). Give more --steps".formatted(leftOut));
      return;
    }
    if (profile) {
      out.println("%nOne training step, mean of %d (%s)".formatted(recorded, leftOut));
      new ProfilePrinter(profiler.profile(), ceilings).print(out);
    }
    if (trace != null) {
      WholeFile.write(trace, profiler.trace().toJson());
      out.println("Trace: " + trace);
    }
  }
}
