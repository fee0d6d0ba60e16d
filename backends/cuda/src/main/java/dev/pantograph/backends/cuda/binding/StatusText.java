package dev.pantograph.backends.cuda.binding;

import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A function of a library that turns a status into text. */
public record StatusText(String symbol, MemorySegment function) {
  private static final class Handles {
    static final MethodHandle TEXT =
        SharedLibrary.downcall(FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  /** The function of that row of a table. */
  public static StatusText of(SharedLibrary library, ForeignFunction function) {
    String symbol = function.signature().symbol();
    return new StatusText(symbol, library.require(symbol));
  }

  /** What the library says of a status. */
  public String text(int status) {
    try {
      return SharedLibrary.string((MemorySegment) Handles.TEXT.invokeExact(function, status));
    } catch (Throwable e) {
      throw ForeignCallException.of(symbol, e);
    }
  }
}
