package dev.pantograph.core.backend;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.BackendProvider;
import java.time.Duration;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * First contact with a provider, on a thread of its own: it is created and asked for its id, its description and its
 * probe. Whatever it throws, and whether it ever returns, the process goes on.
 */
final class Introduction {
  private static final System.Logger LOG = System.getLogger(Introduction.class.getName());
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]*");
  private static final String TELL_AUTHOR = "Tell its author, or remove it";

  private final ServiceLoader.Provider<BackendProvider> source;
  private final String origin;
  private final Duration limit;
  private final long start = System.nanoTime();
  private final Thread thread;

  private volatile @Nullable Self self;
  private volatile @Nullable Availability availability;
  private volatile @Nullable Throwable failure;

  /** What a provider says about itself. */
  private record Self(String id, String description, BackendProvider provider) {}

  private Introduction(ServiceLoader.Provider<BackendProvider> source, String origin, Duration limit) {
    this.source = source;
    this.origin = origin;
    this.limit = limit;
    this.thread = Thread.ofPlatform().daemon().name("introduction of " + source.type().getName()).unstarted(this::run);
  }

  /**
   * Begins and does not wait.
   *
   * @param origin where the provider was found
   * @param limit how long it may take from now on
   */
  static Introduction begin(ServiceLoader.Provider<BackendProvider> source, String origin, Duration limit) {
    Introduction introduction = new Introduction(source, origin, limit);
    introduction.thread.start();
    return introduction;
  }

  private void run() {
    try {
      BackendProvider provider = source.get();
      self = new Self(Objects.requireNonNull(provider.id(), "id"),
          Objects.requireNonNull(provider.description(), "description"), provider);
      availability = Objects.requireNonNull(provider.probe(), "the answer of probe()");
    } catch (Throwable e) { // errors too: this thread runs nothing but code from outside
      LOG.log(System.Logger.Level.DEBUG, () -> origin + ": " + source.type().getName(), e);
      failure = e;
    }
  }

  /**
   * Waits until the provider has answered or its time is up. One that has not said its id by then, or said none that
   * can be typed, is refused; one that has, but failed afterwards, is a backend that is not available.
   *
   * @throws RefusedException if there is nothing to enter into a list of backends
   */
  Backends.Entry await() throws RefusedException {
    boolean returned = join();
    String className = source.type().getName();
    // One that was late may answer while this is read: its self is there if its availability is.
    Availability answer = availability;
    Self said = self;
    if (said == null) {
      Unavailable why = returned ? thrown(className, Objects.requireNonNull(failure)) : silent(className);
      throw new RefusedException(why.reason(), why.remedy());
    }
    if (!ID.matcher(said.id()).matches()) {
      throw new RefusedException("%s has the id '%s', needed lower-case letters, digits and hyphens"
          .formatted(className, said.id()), TELL_AUTHOR);
    }
    if (answer == null) {
      answer = returned ? thrown("its probe", Objects.requireNonNull(failure)) : silent("its probe");
    }
    return new Backends.Entry(said.id(), said.description(), origin, said.provider(), answer);
  }

  /** Where the provider was found. */
  String origin() {
    return origin;
  }

  private boolean join() {
    try {
      return thread.join(limit.minusNanos(System.nanoTime() - start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while backends were probed", e);
    }
  }

  private Unavailable silent(String what) {
    return new Unavailable("%s did not return within %s s".formatted(what, limit.toMillis() * 1e-3), TELL_AUTHOR);
  }

  /** Why something is not available that ended with an error. */
  static Unavailable thrown(String what, Throwable failure) {
    Throwable thrown = failure;
    for (Throwable cause = failure.getCause(); isWrapper(thrown) && cause != null; cause = thrown.getCause()) {
      thrown = cause;
    }
    return new Unavailable("%s threw %s".formatted(what, thrown),
        thrown instanceof LinkageError ? PluginModules.REBUILD : TELL_AUTHOR);
  }

  private static boolean isWrapper(Throwable thrown) {
    return thrown instanceof ServiceConfigurationError || thrown instanceof ExceptionInInitializerError;
  }
}
