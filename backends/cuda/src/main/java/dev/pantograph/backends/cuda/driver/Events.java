package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_CREATE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_DESTROY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_ELAPSED_TIME;
import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_QUERY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_RECORD;
import static dev.pantograph.backends.cuda.driver.DriverFunction.EVENT_SYNCHRONIZE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Marks in queues of work: a mark is reached when all that was queued before it is done. */
public final class Events {
  private static final int BLOCKING_SYNC = 1;
  private static final int DISABLE_TIMING = 2;

  private static final class Handles {
    static final MethodHandle CREATE = EVENT_CREATE.handle();
    static final MethodHandle DESTROY = EVENT_DESTROY.handle();
    static final MethodHandle RECORD = EVENT_RECORD.handle();
    static final MethodHandle SYNCHRONIZE = EVENT_SYNCHRONIZE.handle();
    static final MethodHandle QUERY = EVENT_QUERY.handle();
    static final MethodHandle ELAPSED = EVENT_ELAPSED_TIME.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  Events(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  /** An event that orders work and takes no time down: the cheapest. Threads that wait for it sleep. */
  public long create() {
    return create(BLOCKING_SYNC | DISABLE_TIMING);
  }

  /** An event for {@link #milliseconds}. */
  public long createTimed() {
    return create(BLOCKING_SYNC);
  }

  private long create(int flags) {
    return library.query(EVENT_CREATE,
        (function, result) -> (int) Handles.CREATE.invokeExact(function, result, flags));
  }

  public void destroy(long event) {
    Release.of(library, EVENT_DESTROY, function -> (int) Handles.DESTROY.invokeExact(function, event));
  }

  /** Puts the mark at the end of what is queued in a stream. */
  public void record(long event, long stream) {
    library.call(EVENT_RECORD, function -> (int) Handles.RECORD.invokeExact(function, event, stream));
  }

  /** Waits until the mark is reached; failures of kernels show here. */
  public void synchronize(long event) {
    library.call(EVENT_SYNCHRONIZE, function -> (int) Handles.SYNCHRONIZE.invokeExact(function, event));
  }

  /** Whether the mark is reached. */
  public boolean reached(long event) {
    int status = library.status(EVENT_QUERY, function -> (int) Handles.QUERY.invokeExact(function, event));
    if (status == DriverStatus.NOT_READY.code()) {
      return false;
    }
    library.check(EVENT_QUERY, status);
    return true;
  }

  /** Time on the device between two marks that were reached, to half a microsecond. */
  public float milliseconds(long start, long end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_FLOAT);
      library.call(EVENT_ELAPSED_TIME,
          function -> (int) Handles.ELAPSED.invokeExact(function, result, start, end));
      return result.get(JAVA_FLOAT, 0);
    }
  }
}
