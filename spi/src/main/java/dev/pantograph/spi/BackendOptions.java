package dev.pantograph.spi;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a backend is to be opened.
 *
 * @param threads number of compute threads; 0 means one per processor
 * @param settings backend-specific settings; a backend refuses names it does not know
 */
public record BackendOptions(int threads, Map<String, String> settings) {
  public BackendOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: 0 for one per processor, or more)");
    }
    settings = Map.copyOf(settings);
  }

  /** One thread per processor, no settings. */
  public static BackendOptions defaults() {
    return new BackendOptions(0, Map.of());
  }

  public static BackendOptions threads(int threads) {
    return new BackendOptions(threads, Map.of());
  }

  /** The number of threads to start, with 0 resolved to the number of processors. */
  public int resolvedThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /**
   * Refuses settings the backend does not know.
   *
   * @throws IllegalArgumentException naming the unknown and the known settings
   */
  public void requireOnly(String backend, Set<String> known) {
    for (String name : settings.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("backend '%s' has no setting '%s'; it knows %s"
            .formatted(backend, name, known.isEmpty() ? "none" : new TreeSet<>(known)));
      }
    }
  }
}
