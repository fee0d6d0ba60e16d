package dev.pantograph.lab.train;

import dev.pantograph.core.cost.CostedBackend;
import dev.pantograph.core.cost.StepCost;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DeviceModel;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reckons what one step of a run costs on a described device. All steps have the same kernels. */
public final class StepPricer implements StepWatch {
  private final CostedBackend backend;
  private @Nullable StepCost cost;

  public StepPricer(Backend backend, DeviceModel device) {
    this.backend = new CostedBackend(backend, device);
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public StepReport step(Trainer trainer, Function<Trainer, StepReport> step) {
    if (cost != null) {
      return step.apply(trainer);
    }
    backend.start();
    StepReport report = step.apply(trainer);
    cost = backend.stop();
    return report;
  }

  /** The cost of the first step; null if none was made. */
  public @Nullable StepCost cost() {
    return cost;
  }
}
