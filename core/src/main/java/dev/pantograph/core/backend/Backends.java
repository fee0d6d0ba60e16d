package dev.pantograph.core.backend;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * The backends found on the module path, each with what its probe said. A backend named by the user is opened or
 * refused with its reason; an automatic choice takes the highest rank and is logged, with why better ones were passed
 * over.
 */
public final class Backends {
  private static final System.Logger LOG = System.getLogger(Backends.class.getName());

  /** A provider and the answer of its probe. */
  public record Entry(BackendProvider provider, Availability availability) {
    public String id() {
      return provider.id();
    }
  }

  private final List<Entry> entries;

  private Backends(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Finds all providers and probes each once. */
  public static Backends discover() {
    List<Entry> entries = new ArrayList<>();
    for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
      entries.add(new Entry(provider, provider.probe()));
    }
    entries.sort(Comparator.comparingInt(Backends::rank).reversed().thenComparing(Entry::id));
    return new Backends(entries);
  }

  private static int rank(Entry entry) {
    return entry.availability() instanceof Availability.Available available ? available.rank() : Integer.MIN_VALUE;
  }

  /** All backends, those that can be opened first, the preferred ones foremost. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * Opens the backend with this id, and no other.
   *
   * @throws BackendUnavailableException if there is none of that name, or it cannot be had; says why and what to do
   */
  public Backend open(String id, BackendOptions options) {
    return require(id).provider().open(options);
  }

  /**
   * The backend with this id, which can be had.
   *
   * @throws BackendUnavailableException if there is none of that name, or it cannot be had; says why and what to do
   */
  public Entry require(String id) {
    for (Entry entry : entries) {
      if (entry.id().equals(id)) {
        if (entry.availability() instanceof Availability.Unavailable why) {
          throw new BackendUnavailableException(id, why);
        }
        return entry;
      }
    }
    throw new BackendUnavailableException("no backend is named '%s'. Found: %s".formatted(id,
        entries.isEmpty() ? "none; is a backend module on the module path?"
            : entries.stream().map(Entry::id).collect(Collectors.joining(", "))));
  }

  /**
   * Opens the available backend of the highest rank and logs the choice.
   *
   * @throws BackendUnavailableException if none is available; lists each with its reason
   */
  public Backend openPreferred(BackendOptions options) {
    return preferred().provider().open(options);
  }

  /**
   * The available backend of the highest rank. The choice is logged.
   *
   * @throws BackendUnavailableException if none is available; lists each with its reason
   */
  public Entry preferred() {
    String refusals = entries.stream()
        .filter(entry -> entry.availability() instanceof Availability.Unavailable)
        .map(entry -> "%s (%s)".formatted(entry.id(), ((Availability.Unavailable) entry.availability()).reason()))
        .collect(Collectors.joining(", "));
    if (entries.isEmpty() || entries.getFirst().availability() instanceof Availability.Unavailable) {
      throw new BackendUnavailableException("no backend is available: "
          + (refusals.isEmpty() ? "no backend module is on the module path" : refusals));
    }
    Entry chosen = entries.getFirst();
    LOG.log(System.Logger.Level.DEBUG, () -> "backend '%s' chosen automatically%s".formatted(chosen.id(),
        refusals.isEmpty() ? "" : "; not available: " + refusals));
    return chosen;
  }
}
