package dev.pantograph.backends.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Look-alikes of CUDA's libraries in front of a device that runs kernels on the CPU, built by g++ when first asked for,
 * and what tests can ask of that device.
 */
final class FakeCuda {
  private static final Path SOURCES = Path.of("src", "test", "native").toAbsolutePath();
  private static final long PATIENCE_SECONDS = 120;

  private static final class Once {
    static final Optional<FakeCuda> BUILT = build();
  }

  private final Path folder;
  private final SharedLibrary driver;

  private FakeCuda(Path folder) {
    this.folder = folder;
    this.driver = SharedLibrary.open(folder.resolve("libcuda.so.1").toString(), "a test");
  }

  /** The device; empty where there is no g++. */
  static Optional<FakeCuda> find() {
    return Once.BUILT;
  }

  /** The device; skips the test where there is no g++. */
  static FakeCuda require() {
    FakeCuda fake = find().orElseGet(
        () -> Assumptions.abort("no g++ on the PATH to build a device that runs on the CPU"));
    fake.reset();
    return fake;
  }

  /** Backends on this device. */
  CudaBackendProvider provider() {
    return new CudaBackendProvider(places(), cubins());
  }

  /** A backend with these settings: name, value, name, value … */
  Backend open(String... settings) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i + 1 < settings.length; i += 2) {
      map.put(settings[i], settings[i + 1]);
    }
    return provider().open(new BackendOptions(0, map));
  }

  private static Optional<FakeCuda> build() {
    try {
      if (run(List.of("g++", "--version")) != 0) {
        return Optional.empty();
      }
      Path folder = Path.of("target", "fake-cuda", hash()).toAbsolutePath();
      Files.createDirectories(folder);
      // Test classes run in several JVMs: one builds, the others wait.
      try (FileChannel channel = FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        if (!Files.exists(folder.resolve("complete"))) {
          library(folder, "libcuda.so.1", List.of("driver.cpp", "threads.cpp"));
          library(folder, "libnvrtc.so.13", List.of("nvrtc.cpp"));
          library(folder, "libcublasLt.so.13", List.of("cublaslt.cpp"));
          Files.createFile(folder.resolve("complete"));
        }
      }
      return Optional.of(new FakeCuda(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void library(Path folder, String name, List<String> sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O2", "-shared", "-fPIC", "-w",
        "-Wl,-soname," + name, "-DDEVICE_HEADER=\"" + SOURCES.resolve("device.hpp") + "\"", "-o",
        folder.resolve(name).toString()));
    sources.forEach(source -> command.add(SOURCES.resolve(source).toString()));
    if (!name.startsWith("libcuda.")) {
      command.addAll(List.of("-L" + folder, "-l:libcuda.so.1", "-Wl,-rpath," + folder));
    }
    command.add("-ldl");
    if (run(command) != 0) {
      throw new IllegalStateException("does not compile: " + String.join(" ", command));
    }
  }

  private static int run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException _) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** Of all sources: what was built of others is not used. */
  private static String hash() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files.sorted().toList()) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where the look-alikes are, and nothing else. */
  CudaPlaces places() {
    return CudaPlaces.of(folder.toString(), folder.toString());
  }

  /** A folder for compiled kernels that belong to these look-alikes. */
  Path cubins() {
    return folder.resolve("cubins");
  }

  /** As if nothing had been called yet. */
  void reset() {
    call("fake_reset", FunctionDescriptor.ofVoid());
  }

  /** How often a function of the driver was called. */
  long calls(String function) {
    return count("fake_calls", function);
  }

  /** How often a kernel ran, launched or in a graph. */
  long kernelRuns(String kernel) {
    return count("fake_kernel_runs", kernel);
  }

  private long count(String what, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (long) SharedLibrary.downcall(FunctionDescriptor.of(JAVA_LONG, ADDRESS))
          .invokeExact(driver.require(what), arena.allocateFrom(name));
    } catch (Throwable e) {
      throw new IllegalStateException(what, e);
    }
  }

  /** The names of the driver's functions that are called, in their order. */
  List<String> callsOf(Runnable action) {
    call("fake_note", FunctionDescriptor.ofVoid());
    action.run();
    MemorySegment notes = (MemorySegment) call("fake_notes", FunctionDescriptor.of(ADDRESS));
    return SharedLibrary.memory(notes, Integer.MAX_VALUE).getString(0).lines().toList();
  }

  /**
   * A function will fail once.
   *
   * @param after so many calls that succeed
   * @param lasting whether the device is lost with it
   */
  void fail(String function, int status, long after, boolean lasting) {
    try (Arena arena = Arena.ofConfined()) {
      SharedLibrary.downcall(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT))
          .invokeExact(driver.require("fake_fail"), arena.allocateFrom(function), status, after, lasting ? 1 : 0);
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }

  /** What the device has, in bytes. */
  void setMemory(long bytes) {
    call("fake_set_memory", FunctionDescriptor.ofVoid(JAVA_LONG), bytes);
  }

  /** What is allocated on the device, in bytes. */
  long bytesHeld() {
    return (long) call("fake_bytes_held", FunctionDescriptor.of(JAVA_LONG));
  }

  private Object call(String function, FunctionDescriptor descriptor, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(driver.require(function)));
    all.addAll(List.of(arguments));
    try {
      return SharedLibrary.downcall(descriptor).invokeWithArguments(all);
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }
}
