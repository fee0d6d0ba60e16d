package dev.pantograph.backends.blas;

import dev.pantograph.backends.foreign.LibrarySearch.Result;
import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.backends.vector.VectorBackend;
import dev.pantograph.backends.vector.VectorBackendProvider;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Provides backend {@code blas}: backend {@code vector} with the matrix products of a CBLAS. Setting {@code library}
 * names the library's file, a jar that carries it, or its name to the system's loader.
 */
public final class BlasBackendProvider implements BackendProvider {
  static final String ID = "blas";
  static final String LIBRARY = "library";

  /** Below {@code vector}, whose results are the same on every machine and which is about as fast. */
  private static final int RANK = 50;

  private @Nullable Result found;

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "CPU, matrix products by a CBLAS of this machine, all else as in 'vector'";
  }

  @Override
  public Availability probe() {
    return switch (new VectorBackendProvider().probe()) {
      case Unavailable why -> why;
      case Available vector -> switch (library()) {
        case Result.Missing(String reason, String remedy) -> new Unavailable(reason, remedy);
        case Result.Found(SharedLibrary library) ->
            new Available(RANK, facts(Cblas.of(library).orElseThrow()), vector.limitations());
      };
    };
  }

  private static Map<String, String> facts(Cblas cblas) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("library", cblas.library().name() + ", " + cblas.library().origin());
    facts.put("version", cblas.version());
    cblas.coreType().ifPresent(type -> facts.put("kernels for", type));
    facts.put("bfloat16 products", cblas.multipliesBfloat16() ? "yes" : "no, left to 'vector'");
    if (!cblas.isReentrant()) {
      facts.put("threads", "one product at a time: the library was built without threads");
    }
    return facts;
  }

  private synchronized Result library() {
    if (found == null) {
      found = BlasLibraries.SEARCH.open(null, BlasBackendProvider::refusal);
    }
    return found;
  }

  /** Why a library cannot be used: without this, a wrong one would show as a wrong loss. */
  private static Optional<String> refusal(SharedLibrary library) {
    Optional<Cblas> cblas = Cblas.of(library);
    if (cblas.isEmpty()) {
      return Optional.of("it exports no cblas_sgemm: a BLAS without the C interface");
    }
    return multipliesRightly(cblas.get()) ? Optional.empty()
        : Optional.of("its cblas_sgemm computes something else than a product");
  }

  /** {@code [1 2 3; 4 5 6]·[1 2 3; 4 5 6]ᵀ}. */
  private static boolean multipliesRightly(Cblas cblas) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
      MemorySegment c = arena.allocateFrom(ValueLayout.JAVA_FLOAT, -1, -1, -1, -1);
      cblas.sgemm(false, true, 2, 2, 3, 1, a, 3, a, 3, 0, c, 2);
      return Arrays.equals(c.toArray(ValueLayout.JAVA_FLOAT), new float[] {14, 32, 32, 77});
    }
  }

  @Override
  public List<String> advice() {
    return library() instanceof Result.Found(SharedLibrary library)
        ? CoreTypeAdvice.of(Cblas.of(library).orElseThrow()) : List.of();
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of(LIBRARY));
    if (new VectorBackendProvider().probe() instanceof Unavailable why) {
      throw new BackendUnavailableException(ID, why);
    }
    String named = options.settings().get(LIBRARY);
    Result result = named == null ? library() : BlasLibraries.SEARCH.open(named, BlasBackendProvider::refusal);
    return switch (result) {
      case Result.Missing(String reason, String remedy) ->
          throw new BackendUnavailableException(ID, new Unavailable(reason, remedy));
      case Result.Found(SharedLibrary library) -> VectorBackend.withProducts(
          ID, options.resolvedThreads(), new CblasGemm(Cblas.of(library).orElseThrow()));
    };
  }
}
