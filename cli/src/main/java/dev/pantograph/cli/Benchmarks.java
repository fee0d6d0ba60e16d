package dev.pantograph.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench} runs: a service. Only the jar of benchmarks provides it, for JMH stays out of the distribution
 * (docs/decisions/005).
 */
public interface Benchmarks {
  /** Benchmarks that belong together. */
  enum Suite {
    /** How fast kernels and training steps are, as a fraction of what the machine allows. */
    THROUGHPUT,
    /** Whether the best learning rate stays where it is when the model grows. */
    TRANSFER,
    /** How the time of a token grows with the model. */
    SCALING;

    /** The name a user types. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a user asked for.
   *
   * @param suites to run, in this order
   * @param filter what a case's name must contain
   * @param backend id of the backend that computes
   * @param threads compute threads
   * @param quick whether short measurements are enough
   * @param allocations whether to count bytes allocated on the heap
   * @param json where to keep the samples
   * @param baseline samples to compare with
   * @param tolerance part of its fraction of the ceiling that a case may lose
   * @param out folder for plots
   * @param terminal whether output goes to one
   */
  record Order(List<Suite> suites, Pattern filter, String backend, int threads, boolean quick, boolean allocations,
      @Nullable Path json, @Nullable Path baseline, double tolerance, Path out, boolean terminal) {}

  /** Prints the names of the cases that {@link #run} would measure. */
  void list(Order order, PrintWriter out);

  /**
   * Measures and prints tables.
   *
   * @return whether every case stands up to the baseline; true without one
   * @throws IllegalArgumentException if the filter matches no case, or a file cannot be used; nothing has been measured
   */
  boolean run(Order order, PrintWriter out);
}
