package dev.pantograph.core.trace;

import dev.pantograph.core.kernel.Region;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.lang.foreign.Arena;
import java.util.List;

/** Writes the kernels between {@link #start} and {@link #stop} to a trace, beside running them. */
public final class TracingBackend extends DelegatingBackend {
  private final TraceWriter writer;
  private boolean recording;
  private long step;
  private long number;

  /**
   * A backend whose kernels can be recorded. Closing it closes the backend and the trace.
   *
   * @param writer of a trace that only this backend writes to
   */
  public TracingBackend(Backend backend, TraceWriter writer) {
    super(backend);
    this.writer = writer;
  }

  /** Records what follows as this step. */
  public void start(long newStep) {
    recording = true;
    step = newStep;
    number = 0;
  }

  /** Records no more. */
  public void stop() {
    recording = false;
  }

  @Override
  public void submit(Kernel kernel) {
    if (recording) {
      record(kernel);
    } else {
      super.submit(kernel);
    }
  }

  private void record(Kernel kernel) {
    List<Region> regions = writer.detail() == Detail.STRUCTURE ? List.of() : Region.of(kernel);
    List<Region> read = writer.detail() == Detail.CONTENTS ? regions.stream().filter(Region::read).toList() : List.of();
    try (Arena arena = Arena.ofConfined()) {
      Snapshot before = Snapshot.of(this, read, arena);
      super.submit(kernel);
      Snapshot after = Snapshot.of(this, regions.stream().filter(Region::written).toList(), arena);
      writer.add(step, number++, kernel, before, after);
    }
  }

  @Override
  public void close() {
    try (writer) {
      super.close();
    }
  }
}
