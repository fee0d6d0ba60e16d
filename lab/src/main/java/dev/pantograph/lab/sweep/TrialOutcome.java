package dev.pantograph.lab.sweep;

import org.jspecify.annotations.Nullable;

/**
 * How a trial of a sweep ended: a line of its log.
 *
 * @param <T> what tells trials apart, with a text for people
 */
public interface TrialOutcome<T> {
  /** Which trial it was. */
  T trial();

  /** Validation loss in nats per token; null if the run diverged. */
  @Nullable Double loss();
}
