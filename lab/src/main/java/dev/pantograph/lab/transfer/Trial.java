package dev.pantograph.lab.transfer;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.sweep.TrialOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a sweep. Its outcome is one line of {@code trials.jsonl}.
 *
 * @param axis of its study
 * @param rule parameterization by name
 * @param size on the axis
 * @param log2LearningRate k of the learning rate 2^k
 * @param seed of initial values, masks and batches
 */
public record Trial(Axis axis, String rule, double size, int log2LearningRate, int seed) {

  /** η of the base. */
  public double learningRate() {
    return Math.scalb(1.0, log2LearningRate);
  }

  /**
   * How a trial ended.
   *
   * @param trial which
   * @param loss validation loss in nats per token; null if the run diverged
   * @param divergence what diverged, if it did
   * @param seconds it took
   * @param tokens trained on
   */
  public record Outcome(Trial trial, @Nullable Double loss, @Nullable String divergence, double seconds, long tokens)
      implements TrialOutcome<Trial> {}

  @Override
  public String toString() {
    return "%s %s %s, η = 2^%d, seed %d".formatted(rule, axis.label(),
        size == Math.rint(size) ? Long.toString((long) size) : Double.toString(size), log2LearningRate, seed);
  }
}
