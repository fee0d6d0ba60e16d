package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.CTX_GET_CURRENT;
import static dev.pantograph.backends.cuda.driver.DriverFunction.CTX_GET_STREAM_PRIORITY_RANGE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.CTX_SET_CURRENT;
import static dev.pantograph.backends.cuda.driver.DriverFunction.CTX_SYNCHRONIZE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_PRIMARY_CTX_RELEASE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_PRIMARY_CTX_RETAIN;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_PRIMARY_CTX_SET_FLAGS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The primary context of a device, which the libraries use too: there is no need of another. Which context is current
 * is a matter of the thread.
 */
public final class Contexts {
  /** A thread that waits for the device sleeps ({@code CU_CTX_SCHED_BLOCKING_SYNC}). */
  public static final int WAIT_ASLEEP = 4;

  /** A thread that waits for the device asks over and over ({@code CU_CTX_SCHED_SPIN}). */
  public static final int WAIT_AWAKE = 1;

  private static final class Handles {
    static final MethodHandle SET_FLAGS = DEVICE_PRIMARY_CTX_SET_FLAGS.handle();
    static final MethodHandle RETAIN = DEVICE_PRIMARY_CTX_RETAIN.handle();
    static final MethodHandle RELEASE = DEVICE_PRIMARY_CTX_RELEASE.handle();
    static final MethodHandle SET_CURRENT = CTX_SET_CURRENT.handle();
    static final MethodHandle GET_CURRENT = CTX_GET_CURRENT.handle();
    static final MethodHandle SYNCHRONIZE = CTX_SYNCHRONIZE.handle();
    static final MethodHandle PRIORITIES = CTX_GET_STREAM_PRIORITY_RANGE.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  Contexts(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  /** How threads wait: {@link #WAIT_ASLEEP} or {@link #WAIT_AWAKE}. */
  public void setFlags(int device, int flags) {
    library.call(DEVICE_PRIMARY_CTX_SET_FLAGS,
        function -> (int) Handles.SET_FLAGS.invokeExact(function, device, flags), "device", device, "flags", flags);
  }

  /** The context of a device, to be released as often as it is retained. */
  public long retain(int device) {
    return library.query(DEVICE_PRIMARY_CTX_RETAIN,
        (function, result) -> (int) Handles.RETAIN.invokeExact(function, result, device), "device", device);
  }

  public void release(int device) {
    Release.of(library, DEVICE_PRIMARY_CTX_RELEASE,
        function -> (int) Handles.RELEASE.invokeExact(function, device), "device", device);
  }

  /** For this thread, from now on. */
  public void setCurrent(long context) {
    library.call(CTX_SET_CURRENT, function -> (int) Handles.SET_CURRENT.invokeExact(function, context));
  }

  /** This thread's; 0 for none. */
  public long current() {
    return library.query(CTX_GET_CURRENT,
        (function, result) -> (int) Handles.GET_CURRENT.invokeExact(function, result));
  }

  /** Waits until the device has done all that was asked of it. */
  public void synchronize() {
    library.call(CTX_SYNCHRONIZE, function -> (int) Handles.SYNCHRONIZE.invokeExact(function));
  }

  /** The priority of streams that go first, a number below that of others; 0 if there is but one. */
  public int highestStreamPriority() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment least = arena.allocate(JAVA_INT);
      MemorySegment greatest = arena.allocate(JAVA_INT);
      library.call(CTX_GET_STREAM_PRIORITY_RANGE,
          function -> (int) Handles.PRIORITIES.invokeExact(function, least, greatest));
      return greatest.get(JAVA_INT, 0);
    }
  }
}
