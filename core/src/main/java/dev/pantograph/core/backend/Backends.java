package dev.pantograph.core.backend;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The backends found on the module path and among plugins, each with what its probe said. A backend named by the user
 * is opened or refused with its reason; an automatic choice takes the highest rank and is logged, with why better ones
 * were passed over. What should have been a backend and is none is kept with its reason, and stops no other.
 */
public final class Backends {
  private static final System.Logger LOG = System.getLogger(Backends.class.getName());

  /** Long enough for a driver that is slow to start, short enough to be waited for. */
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);

  /**
   * A provider and the answer of its probe.
   *
   * @param id what a user types
   * @param description one sentence
   * @param origin where the provider was found
   */
  public record Entry(
      String id, String description, String origin, BackendProvider provider, Availability availability) {

    boolean isAvailable() {
      return availability instanceof Availability.Available;
    }

    /** What can be done to get more of it; it may have been measured just now. None from a backend that cannot be had. */
    public List<String> advice() {
      try {
        return isAvailable() ? provider.advice() : List.of();
      } catch (RuntimeException | LinkageError e) {
        Unavailable why = Introduction.thrown("its advice", e);
        return List.of(why.reason() + ". " + why.remedy());
      }
    }

    private Backend open(BackendOptions options) {
      try {
        return provider.open(options);
      } catch (LinkageError e) {
        // Code from outside that does not fit, noticed late; to the user no other case than a failed probe.
        Unavailable why = Introduction.thrown("opening it", e);
        BackendUnavailableException failure = new BackendUnavailableException(id, why);
        failure.initCause(e);
        throw failure;
      }
    }
  }

  private final List<Entry> entries;
  private final List<Refusal> refusals;

  private Backends(Discovery discovery) {
    this.entries = discovery.entries().stream()
        .sorted(Comparator.comparingInt(Backends::rank).reversed().thenComparing(Entry::id)).toList();
    this.refusals = List.copyOf(discovery.refusals());
  }

  /** Finds the providers of this process and probes each once. */
  public static Backends discover() {
    return discover(PluginPath.none());
  }

  /**
   * Finds the providers of this process and of plugins, and probes each once. Every plugin becomes a module layer of
   * its own: two may carry different versions of a library.
   */
  public static Backends discover(PluginPath plugins) {
    return discover(plugins, PROBE_LIMIT);
  }

  /** The same with another limit for the time a provider may take to answer. */
  static Backends discover(PluginPath plugins, Duration limit) {
    Discovery discovery = new Discovery(limit);
    discovery.addOwn();
    plugins.plugins().forEach(discovery::add);
    discovery.finish();
    return new Backends(discovery);
  }

  private static int rank(Entry entry) {
    return entry.availability() instanceof Availability.Available available ? available.rank() : Integer.MIN_VALUE;
  }

  /** All backends, those that can be opened first, the preferred ones foremost. */
  public List<Entry> entries() {
    return entries;
  }

  /** What should have been a backend and is none. */
  public List<Refusal> refusals() {
    return refusals;
  }

  /**
   * Opens the backend with this id, and no other.
   *
   * @throws BackendUnavailableException if there is none of that name, or it cannot be had; says why and what to do
   */
  public Backend open(String id, BackendOptions options) {
    return require(id).open(options);
  }

  /**
   * The backend with this id, which can be had.
   *
   * @throws BackendUnavailableException if there is none of that name, or it cannot be had; says why and what to do
   */
  public Entry require(String id) {
    for (Entry entry : entries) {
      if (entry.id().equals(id)) {
        if (entry.availability() instanceof Unavailable why) {
          throw new BackendUnavailableException(id, why);
        }
        return entry;
      }
    }
    throw new BackendUnavailableException("no backend is named '%s'%n%s".formatted(id, inventory()));
  }

  /** What is available, and what is not and why: a line for each. */
  public String inventory() {
    String available = entries.stream().filter(Entry::isAvailable).map(Entry::id).collect(Collectors.joining(", "));
    return Stream.concat(
        Stream.of("available: " + (available.isEmpty() ? "none; is a backend on the module path?" : available)),
        missing()).collect(Collectors.joining(System.lineSeparator()));
  }

  private Stream<String> missing() {
    return Stream.concat(
        entries.stream().flatMap(entry -> entry.availability() instanceof Unavailable why
            ? Stream.of("not available: " + new Refusal(entry.id(), why.reason(), why.remedy())) : Stream.empty()),
        refusals.stream().map(refusal -> "not loaded: " + refusal));
  }

  /**
   * Opens the available backend of the highest rank and logs the choice.
   *
   * @throws BackendUnavailableException if none is available; lists each with its reason
   */
  public Backend openPreferred(BackendOptions options) {
    return preferred().open(options);
  }

  /**
   * The available backend of the highest rank. The choice is logged.
   *
   * @throws BackendUnavailableException if none is available; lists each with its reason
   */
  public Entry preferred() {
    if (entries.isEmpty() || !entries.getFirst().isAvailable()) {
      throw new BackendUnavailableException("no backend is available%n%s".formatted(inventory()));
    }
    Entry chosen = entries.getFirst();
    LOG.log(System.Logger.Level.DEBUG, () -> missing().collect(
        Collectors.joining("; ", "backend '%s' chosen automatically; ".formatted(chosen.id()), "")));
    return chosen;
  }
}
