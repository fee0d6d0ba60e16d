package dev.pantograph.jmh;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;

/**
 * Shared libraries taken out of jars. Those of one jar come to lie in one folder, where the system's loader finds what
 * they need of each other.
 */
@SuppressWarnings("restricted")
final class NativeLibraries {
  private final Path folder;

  /** Extracts to {@code folder}; what is there already is used again. */
  NativeLibraries(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /** The name that jars with native code give this machine, such as {@code linux-x86_64}. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("mac") ? "macosx" : system.startsWith("windows") ? "windows" : system;
    return name + "-" + switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm64";
      case String other -> other;
    };
  }

  /**
   * Extracts libraries and opens the first of them.
   *
   * @param resources folder on the class path
   * @param names files in it
   * @throws PeerAbsentException if the class path has no such file, or the system cannot load it
   */
  SymbolLookup open(String resources, List<String> names) throws PeerAbsentException {
    Path target = folder.resolve(resources.replace('/', '.'));
    for (String name : names) {
      extract(resources + "/" + name, target.resolve(name));
    }
    Path library = target.resolve(names.getFirst()).toAbsolutePath();
    try {
      return SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new PeerAbsentException("%s cannot be loaded: %s".formatted(library, e.getMessage()), e);
    }
  }

  private static void extract(String resource, Path target) throws PeerAbsentException {
    if (Files.exists(target)) {
      return;
    }
    try (InputStream in = NativeLibraries.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new PeerAbsentException("the class path holds no %s; its jar comes with the Maven profile `peers`"
            .formatted(resource));
      }
      Files.createDirectories(target.getParent());
      // Under another name until it is whole: an interrupted run must not leave half a library to the next one.
      Path part = Files.createTempFile(target.getParent(), "part", ".tmp");
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PeerAbsentException("%s cannot be written: %s".formatted(target, e.getMessage()), e);
    }
  }

  /** A function of a library. */
  static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return function(library.findOrThrow(name), descriptor);
  }

  /** The function at an address. */
  static MethodHandle function(MemorySegment address, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  /** What a function says that takes nothing and returns text. */
  static String text(SymbolLookup library, String name) {
    MethodHandle handle = function(library, name, FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      return ((MemorySegment) handle.invokeExact()).reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }

  /**
   * Sets a variable of this process's environment: libraries read theirs while they are being loaded.
   *
   * @param replace whether also to set what the user has set
   */
  static void setEnvironment(String name, String value, boolean replace) {
    MethodHandle setenv = function(Linker.nativeLinker().defaultLookup(), "setenv",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), replace ? 1 : 0);
      if (result != 0) {
        throw new IllegalStateException("environment: %s=%s was refused".formatted(name, value));
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv", e);
    }
  }
}
