package dev.pantograph.lab.train;

import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.core.validation.ValidatingBackend;
import dev.pantograph.spi.Backend;
import java.util.function.Function;

/** Has an oracle check the kernels of a run, and says which step they are of. */
public final class StepValidator implements StepWatch {
  private final ValidatingBackend backend;

  /** Checks one kernel in {@code every}. Both backends stay the caller's to close. */
  public StepValidator(Backend backend, Backend oracle, int every) {
    this.backend = new ValidatingBackend(backend, oracle, every);
  }

  @Override
  public ValidatingBackend backend() {
    return backend;
  }

  @Override
  public StepReport step(Trainer trainer, Function<Trainer, StepReport> step) {
    backend.beginStep(trainer.nextStep());
    return step.apply(trainer);
  }
}
