package dev.pantograph.backends.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.backends.cuda.cublaslt.CublasLt;
import dev.pantograph.backends.foreign.LibrarySearch;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What a test needs that not every machine has. A test without it is skipped, and says so. */
public final class Requirement {
  /** Where this machine has CUDA, as the backend looks for it. */
  static final CudaPlaces PLACES = CudaPlaces.system(null, null);

  private Requirement() {}

  /** Goes on if {@code there} holds; else prints what is missing and skips the test. */
  static void of(boolean there, String missing) {
    if (!there) {
      System.out.println("skipped: " + missing);
    }
    assumeTrue(there, missing);
  }

  /** What is there, or a skipped test. */
  static <T> T of(Optional<T> found, String missing) {
    of(found.isPresent(), missing);
    return found.orElseThrow();
  }

  /** cuBLASLt, or a skipped test. */
  public static CublasLt cublasLt() {
    return of(CudaLibraries.findCublasLt(PLACES), "no cuBLASLt 13");
  }

  /** Goes on if a driver's library is there, with a device or without; else skips the test. */
  static void driverLibrary() {
    LibrarySearch search = new LibrarySearch("NVIDIA driver", CudaPlaces.DRIVER_PROPERTY,
        CudaPlaces.DRIVER_ENVIRONMENT, List.of("libcuda.so.1"), PLACES.drivers(), List.of());
    if (search.open(PLACES.driver(), _ -> Optional.empty()) instanceof LibrarySearch.Result.Missing(
        String reason, String _)) {
      of(false, reason);
    }
  }

  /** Folders that hold all of these headers between them. */
  static List<Path> headers(String... names) {
    List<Path> folders = PLACES.headers();
    for (String name : names) {
      of(folders.stream().anyMatch(folder -> Files.exists(folder.resolve(name))),
          "no header %s: name folders of CUDA's libraries, beside which the headers lie, in %s"
              .formatted(name, CudaPlaces.ENVIRONMENT));
    }
    return folders;
  }

  /** Runs g++ and returns what it says; empty if all is well. */
  static String compile(Path source, List<String> options) {
    of(Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++"))), "no g++ on the path");
    try {
      Process process = new ProcessBuilder(Stream.concat(
          Stream.of("g++", source.toString()), options.stream()).toList()).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("g++ does not end");
      }
      return process.exitValue() == 0 ? "" : said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
