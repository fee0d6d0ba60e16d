package dev.pantograph.backends.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The environment as native code sees it. Java's own copy does not change. */
public final class ProcessEnvironment {
  private static final MethodHandle SETENV = SharedLibrary.downcall(FunctionDescriptor.of(
      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  private ProcessEnvironment() {}

  /**
   * Sets a variable: libraries read theirs while they are being loaded.
   *
   * @param replace whether also to set what the user has set
   */
  public static void set(String name, String value, boolean replace) {
    MemorySegment setenv = Linker.nativeLinker().defaultLookup().findOrThrow("setenv");
    try (Arena arena = Arena.ofConfined()) {
      int result =
          (int) SETENV.invokeExact(setenv, arena.allocateFrom(name), arena.allocateFrom(value), replace ? 1 : 0);
      if (result != 0) {
        throw new ForeignCallException("environment: %s=%s was refused".formatted(name, value));
      }
    } catch (Throwable e) {
      throw ForeignCallException.of("setenv", e);
    }
  }
}
