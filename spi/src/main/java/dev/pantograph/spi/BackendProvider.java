package dev.pantograph.spi;

import java.util.List;

/**
 * The entry through which a backend is found, by {@link java.util.ServiceLoader}. A provider is cheap to create: it
 * loads no library and starts no thread before it is asked. One that is loaded as a plugin carries {@link SpiVersion}.
 */
public interface BackendProvider {
  /** Short lower-case name, unique among backends: what a user types. Letters, digits, hyphens. */
  String id();

  /** One sentence for {@code doctor}. */
  String description();

  /**
   * Finds out, quickly and without side effects, whether {@link #open} would succeed, and if not, why. Called on a
   * thread of its own; a backend whose probe throws or takes seconds counts as unavailable.
   */
  Availability probe();

  /**
   * What a person can do to get more of a backend that is available: one sentence or two for each point, usually none.
   * It may measure, for about a second, and is asked by {@code doctor} only.
   */
  default List<String> advice() {
    return List.of();
  }

  /**
   * Opens the backend. The caller closes it.
   *
   * @throws BackendUnavailableException if {@link #probe()} answers {@link Availability.Unavailable}
   * @throws IllegalArgumentException if an option is unknown or out of range
   */
  Backend open(BackendOptions options);
}
