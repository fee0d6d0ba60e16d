package dev.pantograph.backends.onednn;

import dev.pantograph.backends.foreign.LibraryChoice;
import dev.pantograph.backends.foreign.LibraryJar;
import dev.pantograph.backends.foreign.LibrarySearch;
import dev.pantograph.backends.foreign.Platform;
import dev.pantograph.backends.vector.VectorBackend;
import dev.pantograph.backends.vector.VectorBackendProvider;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Provides backend {@code onednn}: backend {@code vector} with the matrix products of oneDNN, in float32 and, where the
 * processor has it, bfloat16. {@link LibraryChoice#SETTING} names the library.
 */
public final class OneDnnBackendProvider implements BackendProvider {
  static final String ID = "onednn";

  /** Above {@code blas}, which may lack bfloat16; below {@code vector}, whose results are the same everywhere. */
  private static final int RANK = 60;

  private static final List<String> NAMES = switch (Platform.current()) {
    case MACOS -> List.of("libdnnl.3.dylib", "/opt/homebrew/opt/onednn/lib/libdnnl.3.dylib");
    case WINDOWS -> List.of("dnnl.dll");
    case LINUX, OTHER -> List.of("libdnnl.so.3", "libdnnl.so");
  };

  /** The build for the JVM is linked with the loader of OpenCL, which another jar carries. */
  private static final LibraryJar JAR = new LibraryJar("org.bytedeco:dnnl with org.bytedeco:opencl",
      switch (Platform.current()) {
        case MACOS -> List.of(inJar("dnnl", "libdnnl.3.dylib"));
        case WINDOWS -> List.of(inJar("dnnl", "dnnl.dll"));
        case LINUX, OTHER -> List.of(
            inJar("dnnl", "libdnnl.so.3"), inJar("dnnl", "libgomp.so.1"), inJar("opencl", "libOpenCL.so.1"));
      });

  static final LibrarySearch SEARCH = new LibrarySearch(
      "oneDNN", "pantograph.onednn", "PANTOGRAPH_ONEDNN", NAMES, List.of(JAR));

  private final LibraryChoice choice = new LibraryChoice(SEARCH, OneDnn::refusal);

  private static String inJar(String artefact, String file) {
    return "org/bytedeco/%s/%s/%s".formatted(artefact, Platform.classifier(), file);
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "CPU, matrix products by oneDNN in float32 and bfloat16, all else as in 'vector'";
  }

  @Override
  public Availability probe() {
    return switch (new VectorBackendProvider().probe()) {
      case Unavailable why -> why;
      case Available vector -> choice.probe(
          library -> new Available(RANK, facts(new OneDnn(library)), vector.limitations()));
    };
  }

  private static Map<String, String> facts(OneDnn library) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("library", library.library().name() + ", " + library.library().origin());
    facts.put("version", library.version());
    facts.put("kernels for", library.instructions());
    facts.put("bfloat16 products", OneDnnGemm.multipliesBfloat16(library) ? "yes" : "no, left to 'vector'");
    return facts;
  }

  @Override
  public Backend open(BackendOptions options) {
    OneDnn library = new OneDnn(choice.require(ID, options));
    int threads = options.resolvedThreads();
    return VectorBackend.withProducts(ID, threads, new OneDnnGemm(library, threads));
  }
}
