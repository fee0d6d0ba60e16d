package dev.pantograph.core.fault;

import dev.pantograph.core.fault.Fault.AllocationFails;
import dev.pantograph.core.fault.Fault.DeviceLost;
import dev.pantograph.core.fault.Fault.OfKernel;
import dev.pantograph.core.fault.Fault.Slow;
import dev.pantograph.core.fault.Fault.Throws;
import dev.pantograph.core.fault.Fault.WrongElement;
import dev.pantograph.core.kernel.Elements;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.Readback;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Fails as it was told to: for tests of what is done about failures, and of what finds them. */
public final class FaultyBackend extends DelegatingBackend {
  private final List<Pending> kernels = new ArrayList<>();
  private final List<AllocationFails> failing = new ArrayList<>();
  private long allocations;
  private boolean lost;

  /** A fault and how many of its kernels have still to come before it. */
  private static final class Pending {
    private final OfKernel fault;
    private long before;

    Pending(OfKernel fault) {
      this.fault = fault;
      this.before = fault.number();
    }

    boolean isDue(Kernel kernel) {
      return fault.kernel().isInstance(kernel) && before-- == 0;
    }
  }

  public FaultyBackend(Backend backend, Fault... faults) {
    super(backend);
    for (Fault fault : faults) {
      switch (fault) {
        case OfKernel ofKernel -> kernels.add(new Pending(ofKernel));
        case AllocationFails allocation -> failing.add(allocation);
      }
    }
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    requireDevice();
    long number = allocations++;
    if (failing.stream().anyMatch(fault -> fault.number() == number)) {
      throw new OutOfMemoryError("buffer '%s': %d bytes could not be had (a fault that was asked for)"
          .formatted(name, byteSize));
    }
    return super.allocate(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    requireDevice();
    List<WrongElement> wrong = kernels.isEmpty() ? List.of() : beforeRunning(kernel);
    super.submit(kernel);
    wrong.forEach(fault -> change(kernel, fault));
  }

  /** Has the faults happen that are due before the kernel runs, and returns those due behind it. */
  private List<WrongElement> beforeRunning(Kernel kernel) {
    List<WrongElement> behind = new ArrayList<>();
    for (Pending pending : kernels) {
      if (pending.isDue(kernel)) {
        switch (pending.fault) {
          case Throws(var _, long _, RuntimeException failure) -> throw failure;
          case Slow slow -> LockSupport.parkNanos(slow.delay().toNanos());
          case DeviceLost _ -> {
            lost = true;
            requireDevice();
          }
          case WrongElement element -> behind.add(element);
        }
      }
    }
    return behind;
  }

  private void change(Kernel kernel, WrongElement fault) {
    View view = kernel.operands().stream()
        .filter(operand -> operand.name().equals(fault.operand()) && operand.access() != Access.READ)
        .map(Operand::view).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("%s has no result '%s'; its operands are %s".formatted(
            kernel.name(), fault.operand(), kernel.operands().stream().map(Operand::name).toList())));
    if (view.type() == DType.I32) {
      throw new IllegalArgumentException("%s: a fault in integers %s (expected: a result of reals)"
          .formatted(kernel.name(), view));
    }
    View element = View.of(view.buffer(), view.type(), view.offset() + Elements.step(view, fault.position()),
        Shape.scalar());
    double[] value = new double[1];
    // The backend itself knows how its types are rounded.
    try (Buffer staging = super.allocate("a faulty element", Double.BYTES)) {
      View wide = View.of(staging, DType.F64, 0, Shape.scalar());
      super.submit(new Copy(wide, element));
      super.download(staging, 0, MemorySegment.ofArray(value));
      value[0] = fault.change().applyAsDouble(value[0]);
      super.upload(MemorySegment.ofArray(value), staging, 0);
      super.submit(new Copy(element, wide));
    }
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    requireDevice();
    super.upload(source, target, targetOffset);
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    requireDevice();
    super.download(source, sourceOffset, target);
  }

  @Override
  public Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
    requireDevice();
    Readback begun = super.readBack(source, sourceOffset, target);
    return new Readback() {
      @Override
      public boolean isDone() {
        return begun.isDone();
      }

      @Override
      public void await() {
        requireDevice();
        begun.await();
      }
    };
  }

  private void requireDevice() {
    if (lost) {
      throw new IllegalStateException("backend '%s' has lost its device (a fault that was asked for)".formatted(id()));
    }
  }
}
