package dev.pantograph.lab.train;

import dev.pantograph.core.trace.TraceWriter;
import dev.pantograph.core.trace.TracingBackend;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import java.util.function.Function;

/** Writes the kernels of some steps of a run to a trace. */
public final class StepRecorder implements StepWatch {
  private final TracingBackend backend;
  private final long first;
  private final long last;
  private int recorded;

  /** Records the steps from {@code first} to {@code last}. Backend and writer stay the caller's to close. */
  public StepRecorder(Backend backend, TraceWriter writer, long first, long last) {
    this.backend = new TracingBackend(backend, writer);
    this.first = first;
    this.last = last;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  /** Steps recorded so far. */
  public int recorded() {
    return recorded;
  }

  @Override
  public StepReport step(Trainer trainer, Function<Trainer, StepReport> step) {
    long number = trainer.nextStep();
    if (number < first || number > last) {
      return step.apply(trainer);
    }
    recorded++;
    backend.start(number);
    try {
      return step.apply(trainer);
    } finally {
      backend.stop();
    }
  }
}
