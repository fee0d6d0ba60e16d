package dev.pantograph.core.cost;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.DeviceModel;
import dev.pantograph.spi.Kernel;
import java.util.ArrayList;
import java.util.List;

/**
 * Reckons what the kernels between {@link #start} and {@link #stop} would take on a described device, whichever backend
 * runs them. Submitting costs one store.
 */
public final class CostedBackend extends DelegatingBackend {
  private final DeviceModel device;
  private final List<Kernel> kernels = new ArrayList<>();
  private boolean counting;

  public CostedBackend(Backend backend, DeviceModel device) {
    super(backend);
    this.device = device;
  }

  /** Begins to count; what was counted before is dropped. */
  public void start() {
    kernels.clear();
    counting = true;
  }

  /** Ends counting and adds up. */
  public StepCost stop() {
    counting = false;
    StepCost cost = new StepCost(device, kernels);
    kernels.clear();
    return cost;
  }

  @Override
  public void submit(Kernel kernel) {
    super.submit(kernel);
    if (counting) {
      kernels.add(kernel);
    }
  }
}
