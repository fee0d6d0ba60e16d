package dev.pantograph.lab.sweep;

import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.train.DivergenceException;
import dev.pantograph.core.train.Trainer;
import org.jspecify.annotations.Nullable;

/**
 * What a whole training led to, measured on held-out text.
 *
 * @param loss in nats per token; null if the run diverged
 * @param divergence what diverged, if it did
 * @param seconds it took
 * @param tokens trained on
 */
public record HeldOutLoss(@Nullable Double loss, @Nullable String divergence, double seconds, long tokens) {

  /** Trains for that many steps, unless it diverges, and measures. */
  public static HeldOutLoss after(int steps, Trainer trainer, BatchSource validation, int validationBatches) {
    long start = System.nanoTime();
    try {
      trainer.train(steps, _ -> {});
      double loss = trainer.evaluate(validation, validationBatches);
      return Double.isFinite(loss) ? of(loss, null, start, trainer)
          : of(null, "validation loss is " + loss, start, trainer);
    } catch (DivergenceException e) {
      return of(null, e.getMessage(), start, trainer);
    }
  }

  private static HeldOutLoss of(@Nullable Double loss, @Nullable String divergence, long start, Trainer trainer) {
    return new HeldOutLoss(loss, divergence, (System.nanoTime() - start) * 1e-9,
        trainer.nextStep() * trainer.tokensPerStep());
  }
}
