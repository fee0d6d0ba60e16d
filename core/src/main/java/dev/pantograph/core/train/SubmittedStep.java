package dev.pantograph.core.train;

import dev.pantograph.core.tensor.ScalarReading;
import java.util.List;

/**
 * A step whose kernels are submitted, its update among them, and of which the host has not seen what came out.
 *
 * @param step its number
 * @param losses of its micro-batches, in their order
 * @param squaredGradientNorm before clipping
 * @param learningRate the scheduled base learning rate of the update
 */
record SubmittedStep(
    long step, List<ScalarReading> losses, ScalarReading squaredGradientNorm, double learningRate) {

  /** Whether there is nothing to wait for. */
  boolean isDone() {
    return squaredGradientNorm.isDone() && losses.stream().allMatch(ScalarReading::isDone);
  }
}
