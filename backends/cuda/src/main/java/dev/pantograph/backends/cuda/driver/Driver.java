package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.DRIVER_GET_VERSION;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GET_ERROR_NAME;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GET_ERROR_STRING;
import static dev.pantograph.backends.cuda.driver.DriverFunction.INIT;
import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.Statuses;
import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The driver API: what can be called, in groups. Contexts, streams, events, modules, kernels and graphs are
 * {@code long}s, and addresses on the device too; whoever creates one destroys it.
 *
 * <p>A thread must make a context current ({@link Contexts#setCurrent}) before it calls anything beyond
 * {@link Devices}, and virtual threads cannot: they change the thread that carries them.
 */
public final class Driver {
  private static final class Handles {
    static final MethodHandle INITIALIZE = INIT.handle();
    static final MethodHandle VERSION = DRIVER_GET_VERSION.handle();
    static final MethodHandle ERROR_TEXT = GET_ERROR_NAME.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  private Driver(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  /** A library that {@link #refusal} finds nothing wrong with. */
  public static Driver of(SharedLibrary library) {
    MemorySegment name = library.require(GET_ERROR_NAME.signature().symbol());
    MemorySegment text = library.require(GET_ERROR_STRING.signature().symbol());
    return new Driver(BoundLibrary.of(library, DriverFunction.class, new Statuses() {
      @Override
      public String text(int status) {
        return errorText(name, status) + ", " + errorText(text, status);
      }

      @Override
      public boolean fatal(int status) {
        return DriverStatus.fatal(status);
      }
    }));
  }

  private static String errorText(MemorySegment function, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      int known = (int) Handles.ERROR_TEXT.invokeExact(function, status, result);
      return known == 0 ? SharedLibrary.string(result.get(ADDRESS, 0)) : "unknown to this driver";
    } catch (Throwable e) {
      throw ForeignCallException.of(GET_ERROR_NAME.signature().symbol(), e);
    }
  }

  /** Why a library cannot be used as the driver; empty if it can. */
  public static Optional<String> refusal(SharedLibrary library) {
    return BoundLibrary.refusal(library, DriverFunction.class);
  }

  /** The same, for a device: failures name it. */
  public Driver on(String device) {
    return new Driver(library.on(device));
  }

  /** What the driver was opened from. */
  public SharedLibrary library() {
    return library.library();
  }

  /** Must be called before all else but {@link #version}; any number of times. */
  public void initialize() {
    library.call(INIT, function -> (int) Handles.INITIALIZE.invokeExact(function, 0));
  }

  /** The newest CUDA that the driver supports: 13000 for 13.0. */
  public int version() {
    return library.queryInt(DRIVER_GET_VERSION,
        (function, result) -> (int) Handles.VERSION.invokeExact(function, result));
  }

  /** Which devices there are, and of what kind. */
  public Devices devices() {
    return new Devices(library);
  }

  /** The state of a device that this process works with. */
  public Contexts contexts() {
    return new Contexts(library);
  }

  /** Memory of the device, and memory of the host that the device can reach. */
  public Memory memory() {
    return new Memory(library);
  }

  /** Queues of work for the device. */
  public Streams streams() {
    return new Streams(library);
  }

  /** Marks in queues. */
  public Events events() {
    return new Events(library);
  }

  /** Compiled code, and its kernels. */
  public Modules modules() {
    return new Modules(library);
  }

  /** Work recorded once and replayed. */
  public Graphs graphs() {
    return new Graphs(library);
  }
}
