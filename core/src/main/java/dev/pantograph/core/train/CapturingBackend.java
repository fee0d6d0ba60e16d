package dev.pantograph.core.train;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.util.ArrayList;
import java.util.List;

/** Keeps the kernels submitted between {@link #start} and {@link #stop}, beside running them. */
final class CapturingBackend extends DelegatingBackend {
  private final List<Kernel> kernels = new ArrayList<>();
  private boolean capturing;

  CapturingBackend(Backend backend) {
    super(backend);
  }

  /** Begins a capture; one that was not stopped, for its pass failed, is dropped. */
  void start() {
    kernels.clear();
    capturing = true;
  }

  /** The kernels since {@link #start} that the backend accepted, in their order. */
  List<Kernel> stop() {
    capturing = false;
    List<Kernel> captured = List.copyOf(kernels);
    kernels.clear();
    return captured;
  }

  @Override
  public void submit(Kernel kernel) {
    super.submit(kernel);
    if (capturing) {
      kernels.add(kernel);
    }
  }
}
