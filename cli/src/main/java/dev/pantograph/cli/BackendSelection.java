package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options by which every computing command chooses where to compute. A mixin. */
final class BackendSelection {
  @Option(
      names = "--backend", paramLabel = "ID",
      description = "Backend to compute on. Default: the best one available; 'doctor' lists them.")
  private @Nullable String id;

  @Option(
      names = "--threads", paramLabel = "N", defaultValue = "0", showDefaultValue = Visibility.NEVER,
      description = "Compute threads. Default: one per processor.")
  private int threads;

  /**
   * Opens the backend the user asked for, or the preferred one. The caller closes it.
   *
   * @throws IllegalArgumentException if no backend has the name; suggests the nearest
   * @throws dev.pantograph.spi.BackendUnavailableException if it cannot be had on this machine
   */
  Backend open(Backends backends) {
    return backends.open(id(backends), BackendOptions.threads(threads));
  }

  /**
   * The id of the backend the user asked for, or of the preferred one.
   *
   * @throws IllegalArgumentException if no backend has the name; suggests the nearest
   * @throws dev.pantograph.spi.BackendUnavailableException if none is available
   */
  String id(Backends backends) {
    if (id == null) {
      return backends.preferred().id();
    }
    List<String> known = backends.entries().stream().map(Backends.Entry::id).toList();
    if (!known.contains(id)) {
      throw new IllegalArgumentException("no backend is named '%s'%s (found: %s)"
          .formatted(id, NearestName.suggestion(id, known), String.join(", ", known)));
    }
    return id;
  }

  /** Whether the user named a backend. */
  boolean isExplicit() {
    return id != null;
  }

  /** Number of compute threads, with the default resolved. */
  int threads() {
    return BackendOptions.threads(threads).resolvedThreads();
  }
}
