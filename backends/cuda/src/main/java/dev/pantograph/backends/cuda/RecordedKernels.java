package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.Graphs;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Replay;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Kernels as a graph of the driver: one call queues them all. What would refuse a kernel is asked before each run. */
final class RecordedKernels implements Replay {
  private final Graphs graphs;
  private final long executable;
  private final long stream;
  private final List<Kernel> kernels;
  private final Set<Buffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Buffer> written = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Runner runner;
  private boolean closed;

  /** What a backend does around a run. */
  interface Runner {
    /**
     * Runs an action on the device, as the backend itself would.
     *
     * @param what is run, for the message of a failure
     */
    void run(Supplier<String> what, Runnable action);

    /** Refuses a kernel with a token outside its vocabulary. */
    void requireTokens(Kernel kernel);

    /** Gives something back to the driver, if it is still there. */
    void release(Runnable action);
  }

  private RecordedKernels(Graphs graphs, long executable, long stream, List<Kernel> kernels, Runner runner) {
    this.graphs = graphs;
    this.executable = executable;
    this.stream = stream;
    this.kernels = kernels;
    this.runner = runner;
    for (Kernel kernel : kernels) {
      for (Kernel.Operand operand : kernel.operands()) {
        buffers.add(operand.view().buffer());
        if (operand.access() != Kernel.Access.READ) {
          written.add(operand.view().buffer());
        }
      }
    }
  }

  /**
   * Records kernels, which must have run before: what a first run compiles or allocates cannot be recorded.
   *
   * @param submit queues a kernel
   */
  static RecordedKernels of(
      Graphs graphs, long stream, List<Kernel> kernels, Consumer<Kernel> submit, Runner runner) {
    graphs.beginCapture(stream);
    try {
      kernels.forEach(submit);
    } catch (RuntimeException | Error e) {
      abandon(graphs, stream, e);
      throw e;
    }
    long graph = graphs.endCapture(stream);
    try {
      long executable = graphs.instantiate(graph);
      graphs.upload(executable, stream);
      return new RecordedKernels(graphs, executable, stream, kernels, runner);
    } finally {
      graphs.destroy(graph);
    }
  }

  /** Ends a recording that failed: the stream must work again. */
  private static void abandon(Graphs graphs, long stream, Throwable failure) {
    try {
      graphs.destroy(graphs.endCapture(stream));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void run() {
    if (closed) {
      throw new IllegalStateException("a recording of %d kernels is closed".formatted(kernels.size()));
    }
    runner.run(() -> "a recording of %d kernels, or a kernel before it".formatted(kernels.size()), () -> {
      buffers.forEach(buffer -> ((DeviceBuffer) buffer).requireOpen());
      kernels.forEach(runner::requireTokens);
      graphs.launch(executable, stream);
      written.forEach(buffer -> ((DeviceBuffer) buffer).written());
    });
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      runner.release(() -> graphs.destroyExecutable(executable));
    }
  }
}
