package dev.pantograph.backends.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A shared library that has been opened, and stays so until the process ends: closing one that has started threads is
 * not safe.
 *
 * @param name what was opened, a file or the name that the system's loader was given
 * @param origin how it was found, for people
 */
@SuppressWarnings("restricted")
public record SharedLibrary(String name, String origin, SymbolLookup symbols) {
  private static final int RTLD_NOW = 2;

  /** Made when first asked for: the first handle of a process takes a tenth of a second, and most find no library. */
  private static final class Text {
    static final MethodHandle CALL = downcall(FunctionDescriptor.of(ValueLayout.ADDRESS));
  }

  /**
   * Opens a library.
   *
   * @param name a path, if it holds a separator; else a name for the system's loader to find
   * @throws IllegalArgumentException if it cannot be loaded; says what the loader says
   */
  public static SharedLibrary open(String name, String origin) {
    return openIfThere(name, origin).orElseThrow(() -> new IllegalArgumentException(
        loaderMessage(name).orElse("the system cannot load " + name)));
  }

  /** Opens a library if that can be done. */
  static Optional<SharedLibrary> openIfThere(String name, String origin) {
    try {
      return Optional.of(new SharedLibrary(name, origin, SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Why the system's loader refuses a library, such as another that it needs: Java says only that it does. */
  private static Optional<String> loaderMessage(String name) {
    SymbolLookup system = Linker.nativeLinker().defaultLookup();
    Optional<MemorySegment> dlopen = system.find("dlopen");
    Optional<MemorySegment> dlerror = system.find("dlerror");
    if (dlopen.isEmpty() || dlerror.isEmpty()) {
      return Optional.empty();
    }
    MethodHandle open = downcall(
        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment library = (MemorySegment) open.invokeExact(dlopen.get(), arena.allocateFrom(name), RTLD_NOW);
      return library.address() == 0 ? Optional.of(text(dlerror.get())) : Optional.empty();
    } catch (Throwable e) {
      throw ForeignCallException.of("dlopen", e);
    }
  }

  /** The address of a function; empty if the library has none of this name. */
  public Optional<MemorySegment> find(String symbol) {
    return symbols.find(symbol);
  }

  /**
   * The address of a function.
   *
   * @throws java.util.NoSuchElementException if the library has none of this name
   */
  public MemorySegment require(String symbol) {
    return symbols.findOrThrow(symbol);
  }

  /** What a function says that takes nothing and returns text. */
  public static String text(MemorySegment function) {
    try {
      return string((MemorySegment) Text.CALL.invokeExact(function)).strip();
    } catch (Throwable e) {
      throw ForeignCallException.of("a function that returns text", e);
    }
  }

  /** The text at an address, up to its zero. */
  public static String string(MemorySegment address) {
    return address.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Memory behind an address that a library returned. */
  public static MemorySegment memory(MemorySegment address, long bytes) {
    return address.reinterpret(bytes);
  }

  /**
   * A handle that calls the function whose address is its first argument. Kept in a static final field, the compiler
   * sees through it, whichever library is found at run time: such a call costs some nanoseconds more than one from C.
   */
  public static MethodHandle downcall(FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(descriptor);
  }
}
