package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_CREATE_WITH_PRIORITY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_DESTROY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_QUERY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_SYNCHRONIZE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_WAIT_EVENT;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.invoke.MethodHandle;

/** Queues of work for the device: what is in one stream runs in order, and beside what is in others. */
public final class Streams {
  /** Runs beside the stream that exists without being created ({@code CU_STREAM_NON_BLOCKING}). */
  private static final int NON_BLOCKING = 1;

  private static final class Handles {
    static final MethodHandle CREATE = STREAM_CREATE_WITH_PRIORITY.handle();
    static final MethodHandle DESTROY = STREAM_DESTROY.handle();
    static final MethodHandle SYNCHRONIZE = STREAM_SYNCHRONIZE.handle();
    static final MethodHandle QUERY = STREAM_QUERY.handle();
    static final MethodHandle WAIT = STREAM_WAIT_EVENT.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  Streams(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  /** A stream; of those that have work, the ones with the lowest number go first. 0 is the usual. */
  public long create(int priority) {
    return library.query(STREAM_CREATE_WITH_PRIORITY,
        (function, result) -> (int) Handles.CREATE.invokeExact(function, result, NON_BLOCKING, priority));
  }

  public void destroy(long stream) {
    Release.of(library, STREAM_DESTROY, function -> (int) Handles.DESTROY.invokeExact(function, stream));
  }

  /** Waits until all that is queued is done; failures of kernels show here. */
  public void synchronize(long stream) {
    library.call(STREAM_SYNCHRONIZE, function -> (int) Handles.SYNCHRONIZE.invokeExact(function, stream));
  }

  /** Whether all that is queued is done. */
  public boolean done(long stream) {
    int status = library.status(STREAM_QUERY, function -> (int) Handles.QUERY.invokeExact(function, stream));
    if (status == DriverStatus.NOT_READY.code()) {
      return false;
    }
    library.check(STREAM_QUERY, status);
    return true;
  }

  /** What is queued from now on begins after the event. */
  public void await(long stream, long event) {
    library.call(STREAM_WAIT_EVENT, function -> (int) Handles.WAIT.invokeExact(function, stream, event, 0));
  }
}
