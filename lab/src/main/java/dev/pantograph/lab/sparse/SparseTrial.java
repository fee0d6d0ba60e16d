package dev.pantograph.lab.sparse;

import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.sweep.TrialOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a study of sparse training. Its outcome is one line of {@code trials.jsonl}.
 *
 * @param width of the model
 * @param schedule of density, by name
 * @param density where the schedule is sparsest
 * @param budget training FLOPs, in steps of the dense model
 * @param steps the budget pays
 * @param log2LearningRate k of the learning rate 2^k
 * @param seed of initial values, masks and batches
 */
public record SparseTrial(int width, String schedule, double density, int budget, int steps, int log2LearningRate,
    int seed) {

  /** η of the base. */
  double learningRate() {
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
  public record Outcome(SparseTrial trial, @Nullable Double loss, @Nullable String divergence, double seconds,
      long tokens) implements TrialOutcome<SparseTrial> {}

  @Override
  public String toString() {
    return "%s %s width %d, %d steps for %d dense ones, η = 2^%d, seed %d"
        .formatted(schedule, Quantity.plain(density), width, steps, budget, log2LearningRate, seed);
  }
}
