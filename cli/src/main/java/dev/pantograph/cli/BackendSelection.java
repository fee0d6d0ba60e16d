package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that compute on one backend: which, and on how many threads. A mixin. */
final class BackendSelection {
  @Mixin
  private BackendChoice choice = new BackendChoice();

  @Option(
      names = "--threads", paramLabel = "N", defaultValue = "0", showDefaultValue = Visibility.NEVER,
      description = "Compute threads. Default: one per processor.")
  private int threads;

  /** All backends there are, those of plugins included. */
  Backends discover() {
    return choice.discover();
  }

  /**
   * Opens the backend the user asked for, or the preferred one. The caller closes it.
   *
   * @throws IllegalArgumentException if no backend has the name; suggests the nearest, and says why others are not there
   * @throws dev.pantograph.spi.BackendUnavailableException if it cannot be had on this machine
   */
  Backend open(Backends backends) {
    return backends.open(id(backends), BackendOptions.threads(threads));
  }

  /**
   * The id of the backend the user asked for, or of the preferred one.
   *
   * @throws IllegalArgumentException if no backend has the name; suggests the nearest, and says why others are not there
   * @throws dev.pantograph.spi.BackendUnavailableException if it cannot be had on this machine
   */
  String id(Backends backends) {
    return choice.in(backends).id();
  }

  /** Whether the user named a backend. */
  boolean isExplicit() {
    return choice.isExplicit();
  }

  /** Number of compute threads, with the default resolved. */
  int threads() {
    return BackendOptions.threads(threads).resolvedThreads();
  }
}
