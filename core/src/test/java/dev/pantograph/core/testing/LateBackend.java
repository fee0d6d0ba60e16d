package dev.pantograph.core.testing;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Readback;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A backend whose read-backs come when they are awaited and not before, as a device's do, and that notes the order. */
public final class LateBackend extends DelegatingBackend {
  /** What is noted when a read-back is awaited. */
  public static final String WAIT = "wait";

  private final List<String> events = new ArrayList<>();

  public LateBackend(Backend backend) {
    super(backend);
  }

  /** Names of kernels in the order of submission, and where the host waited. */
  public List<String> events() {
    return events;
  }

  @Override
  public void submit(Kernel kernel) {
    events.add(kernel.name());
    super.submit(kernel);
  }

  @Override
  public Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
    byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
    super.readBack(source, sourceOffset, MemorySegment.ofArray(bytes)).await();
    return new Readback() {
      @Override
      public boolean isDone() {
        return false;
      }

      @Override
      public void await() {
        events.add(WAIT);
        target.copyFrom(MemorySegment.ofArray(bytes));
      }
    };
  }
}
