package dev.pantograph.backends.foreign;

import dev.pantograph.backends.foreign.LibrarySearch.Result;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendUnavailableException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The library that a provider's backends use: searched for once, unless a backend is opened with setting
 * {@value #SETTING}, which names another.
 */
public final class LibraryChoice {
  /** Names the library's file, a jar that carries it, or its name to the system's loader. */
  public static final String SETTING = "library";

  private final LibrarySearch search;
  private final Function<SharedLibrary, Optional<String>> suits;
  private @Nullable Result found;

  /** Not yet made: see {@link LibrarySearch#open} for {@code suits}. */
  public LibraryChoice(LibrarySearch search, Function<SharedLibrary, Optional<String>> suits) {
    this.search = search;
    this.suits = suits;
  }

  /** The library, or why there is none. */
  public synchronized Result find() {
    if (found == null) {
      found = search.open(null, suits);
    }
    return found;
  }

  /** What a provider answers that needs the library: {@code available} if it is there, else why it is not. */
  public Availability probe(Function<SharedLibrary, Available> available) {
    return switch (find()) {
      case Result.Missing(String reason, String remedy) -> new Unavailable(reason, remedy);
      case Result.Found(SharedLibrary library) -> available.apply(library);
    };
  }

  /**
   * The library for a backend that is being opened.
   *
   * @throws BackendUnavailableException if there is none
   * @throws IllegalArgumentException if there are settings beside {@value #SETTING}
   */
  public SharedLibrary require(String backend, BackendOptions options) {
    options.requireOnly(backend, Set.of(SETTING));
    String named = options.settings().get(SETTING);
    return switch (named == null ? find() : search.open(named, suits)) {
      case Result.Missing(String reason, String remedy) ->
          throw new BackendUnavailableException(backend, new Unavailable(reason, remedy));
      case Result.Found(SharedLibrary library) -> library;
    };
  }
}
