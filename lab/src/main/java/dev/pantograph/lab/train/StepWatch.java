package dev.pantograph.lab.train;

import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import java.util.function.Function;

/** Watches the training steps of a run through a decorator around its backend. Watches go around each other. */
public interface StepWatch {
  /** The backend to train on. */
  Backend backend();

  /**
   * Makes one step and watches it: its own kernels, without validation and checkpoints.
   *
   * @param step makes it, and may watch it too
   */
  StepReport step(Trainer trainer, Function<Trainer, StepReport> step);
}
