package dev.pantograph.tck.rules;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.tck.Outcome;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * The provider introduces itself, and its probe answers in time, the same each time, and leaves neither a thread nor a
 * system property behind.
 */
record ProbesQuietly(int number, String title) implements BackendRule {
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]*");
  private static final long LIMIT_SECONDS = 5;

  @Override
  public Outcome check(Subject subject) {
    requireIntroduction(subject);
    probe(subject);
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    Properties properties = (Properties) System.getProperties().clone();
    Availability first = probe(subject);
    Availability second = probe(subject);
    if (!first.equals(second)) {
      throw new AssertionError("probe() answers %s, then %s".formatted(first, second));
    }
    if (!System.getProperties().equals(properties)) {
      throw new AssertionError("probe() changed the system properties");
    }
    Set<Thread> more = new HashSet<>(Thread.getAllStackTraces().keySet());
    more.removeAll(threads);
    more.removeIf(thread -> !thread.isAlive() || thread.getName().equals(PROBER));
    if (!more.isEmpty()) {
      throw new AssertionError("probe() left threads: " + more);
    }
    return new Outcome.Passed();
  }

  private static final String PROBER = "pantograph-tck-probe";

  private static void requireIntroduction(Subject subject) {
    String id = subject.provider().id();
    if (!ID.matcher(id).matches()) {
      throw new AssertionError("the id is '%s', expected lower-case letters, digits and hyphens".formatted(id));
    }
    String description = subject.provider().description();
    if (description.isBlank() || description.contains("\n")) {
      throw new AssertionError("the description is '%s', expected one line".formatted(description));
    }
    try (Backend tested = subject.open()) {
      if (!tested.id().equals(id)) {
        throw new AssertionError("the backend's id is '%s', its provider's '%s'".formatted(tested.id(), id));
      }
    }
  }

  /** Probes on another thread, so that a hanging probe does not hang the kit. */
  private static Availability probe(Subject subject) {
    CompletableFuture<Availability> answer = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name(PROBER).start(() -> {
      try {
        answer.complete(subject.provider().probe());
      } catch (RuntimeException | Error e) {
        answer.completeExceptionally(e);
      }
    });
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("probe() has not answered after %d s".formatted(LIMIT_SECONDS), e);
    } catch (ExecutionException e) {
      throw new AssertionError("probe() threw " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while probing", e);
    }
  }
}
