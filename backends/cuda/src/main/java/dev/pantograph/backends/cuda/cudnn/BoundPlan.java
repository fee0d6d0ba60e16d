package dev.pantograph.backends.cuda.cudnn;

import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_EXECUTE;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.foreign.ForeignCallException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** A {@link CudnnPlan} with the memory it works on. To be closed before the plan. */
public final class BoundPlan implements AutoCloseable {
  private static final class Handles {
    static final MethodHandle EXECUTE = BACKEND_EXECUTE.handle();
  }

  private final BoundLibrary<CudnnFunction> library;
  private final MemorySegment execute;
  private final long plan;
  private final Descriptor pack;

  BoundPlan(BoundLibrary<CudnnFunction> library, long plan, Descriptor pack) {
    this.library = library;
    this.execute = library.address(BACKEND_EXECUTE);
    this.plan = plan;
    this.pack = pack;
  }

  /**
   * Queues the plan in the stream of a handle.
   *
   * @param handle of {@link Cudnn#create}
   */
  public void run(long handle) {
    int status;
    try {
      status = (int) Handles.EXECUTE.invokeExact(execute, handle, plan, pack.handle());
    } catch (Throwable e) {
      throw ForeignCallException.of(BACKEND_EXECUTE.signature().symbol(), e);
    }
    library.check(BACKEND_EXECUTE, status);
  }

  @Override
  public void close() {
    pack.close();
  }
}
