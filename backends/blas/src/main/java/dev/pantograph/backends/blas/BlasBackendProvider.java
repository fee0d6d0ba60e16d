package dev.pantograph.backends.blas;

import dev.pantograph.backends.foreign.LibraryChoice;
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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Provides backend {@code blas}: backend {@code vector} with the matrix products of a CBLAS, the one that
 * {@link LibraryChoice#SETTING} names or {@link BlasLibraries} finds.
 */
public final class BlasBackendProvider implements BackendProvider {
  static final String ID = "blas";

  /** Below {@code vector}, whose results are the same on every machine and which is about as fast. */
  private static final int RANK = 50;

  private final LibraryChoice choice = new LibraryChoice(BlasLibraries.SEARCH, BlasBackendProvider::refusal);

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
      case Available vector -> choice.probe(
          library -> new Available(RANK, facts(Cblas.of(library).orElseThrow()), vector.limitations()));
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
    return choice.find() instanceof Result.Found(SharedLibrary library)
        ? CoreTypeAdvice.of(Cblas.of(library).orElseThrow()) : List.of();
  }

  @Override
  public Backend open(BackendOptions options) {
    Cblas cblas = Cblas.of(choice.require(ID, options)).orElseThrow();
    return VectorBackend.withProducts(ID, options.resolvedThreads(), new CblasGemm(cblas));
  }
}
