package dev.pantograph.backends.cuda.binding;

import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * A library with the addresses of the functions of its table, and the one place where statuses become exceptions.
 *
 * @param <F> the table
 */
public final class BoundLibrary<F extends Enum<F> & ForeignFunction> {
  private static final class Handles {
    static final MethodHandle NUMBER = SharedLibrary.downcall(FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  private final SharedLibrary library;
  private final MemorySegment[] addresses;
  private final Statuses statuses;
  private final String device;

  private BoundLibrary(SharedLibrary library, MemorySegment[] addresses, Statuses statuses, String device) {
    this.library = library;
    this.addresses = addresses;
    this.statuses = statuses;
    this.device = device;
  }

  /** A library that {@link #refusal} finds nothing wrong with. */
  public static <F extends Enum<F> & ForeignFunction> BoundLibrary<F> of(
      SharedLibrary library, Class<F> table, Statuses statuses) {
    MemorySegment[] addresses = Arrays.stream(table.getEnumConstants())
        .map(function -> library.require(function.signature().symbol())).toArray(MemorySegment[]::new);
    return new BoundLibrary<>(library, addresses, statuses, "");
  }

  /** Which functions of the table a library lacks, as a reason not to use it; empty if it has all. */
  public static <F extends Enum<F> & ForeignFunction> Optional<String> refusal(SharedLibrary library, Class<F> table) {
    String missing = Arrays.stream(table.getEnumConstants()).map(function -> function.signature().symbol())
        .filter(symbol -> library.find(symbol).isEmpty()).collect(Collectors.joining(", "));
    return missing.isEmpty() ? Optional.empty() : Optional.of("it has no " + missing);
  }

  /** The same, for calls that concern one device: failures name it. */
  public BoundLibrary<F> on(String device) {
    return new BoundLibrary<>(library, addresses, statuses, device);
  }

  public SharedLibrary library() {
    return library;
  }

  /** Where a function lies: the first argument of its handle. */
  public MemorySegment address(F function) {
    return addresses[function.ordinal()];
  }

  /** A call of a function that returns a status. */
  @FunctionalInterface
  public interface Call {
    /** Calls the function at an address. */
    int of(MemorySegment function) throws Throwable;
  }

  /** A call that also writes a result. */
  @FunctionalInterface
  public interface Query {
    /** Calls the function at an address with memory for the result. */
    int of(MemorySegment function, MemorySegment result) throws Throwable;
  }

  /**
   * Calls and returns the status, whatever it is.
   *
   * @throws ForeignCallException if there was no call, for a reason on our side
   */
  public int status(F function, Call call) {
    try {
      return call.of(address(function));
    } catch (Throwable e) {
      throw ForeignCallException.of(function.signature().symbol(), e);
    }
  }

  /**
   * Calls.
   *
   * @param arguments those that a reader of a failure wants to know: name, value, name, value …
   * @throws CudaException if the status is not 0
   */
  public void call(F function, Call call, Object... arguments) {
    check(function, status(function, call), arguments);
  }

  /** Calls; the result is a handle, an address or a size. */
  public long query(F function, Query query, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
      call(function, address -> query.of(address, result), arguments);
      return result.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Calls; the result is an {@code int}. */
  public int queryInt(F function, Query query, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ValueLayout.JAVA_INT);
      call(function, address -> query.of(address, result), arguments);
      return result.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** Calls; the result is text of at most so many bytes, its zero included. */
  public String queryText(F function, int bytes, Query query, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(bytes);
      call(function, address -> query.of(address, result), arguments);
      return result.getString(0);
    }
  }

  /** What a function says that takes nothing and returns a {@code size_t}. */
  public long number(F function) {
    try {
      return (long) Handles.NUMBER.invokeExact(address(function));
    } catch (Throwable e) {
      throw ForeignCallException.of(function.signature().symbol(), e);
    }
  }

  /** Throws what {@link #failure} says unless the status is 0. */
  public void check(F function, int status, Object... arguments) {
    if (status != 0) {
      throw failure(function, status, arguments);
    }
  }

  /** A status as an exception; {@code arguments} as for {@link #call}. */
  public CudaException failure(F function, int status, Object... arguments) {
    StringJoiner named = new StringJoiner(", ", "(", ")").setEmptyValue("");
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      named.add(arguments[i] + " " + arguments[i + 1]);
    }
    boolean fatal = statuses.fatal(status);
    return new CudaException(function.signature().symbol(), status, fatal, "%s%s%s: %s (status %d)%s".formatted(
        function.signature().symbol(), named, device.isEmpty() ? "" : " on " + device, statuses.text(status), status,
        fatal ? "; this process can do nothing more on the device: start it again" : ""));
  }
}
