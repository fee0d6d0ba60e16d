package dev.pantograph.core.backend;

import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.BackendProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Predicate;

/** Collects providers, the process's own before those of plugins. The first of an id keeps it. */
final class Discovery {
  private static final String OWN = "Pantograph's own modules";

  private final Duration limit;
  private final List<Introduction> begun = new ArrayList<>();
  private final Map<String, Backends.Entry> entries = new LinkedHashMap<>();
  private final List<Refusal> refusals = new ArrayList<>();

  /** A search in which each provider is waited for at most {@code limit}. */
  Discovery(Duration limit) {
    this.limit = limit;
  }

  /** Begins with the providers of the process: its module path, or its class path. */
  void addOwn() {
    add(ServiceLoader.load(BackendProvider.class), _ -> true, OWN);
  }

  /** Begins with the providers of a plugin. */
  void add(Path plugin) {
    try {
      ModuleLayer layer = PluginModules.load(plugin);
      // The loader goes on to the layers below, whose providers are there already.
      add(ServiceLoader.load(layer, BackendProvider.class), type -> type.getModule().getLayer() == layer,
          plugin.toString());
    } catch (RefusedException e) {
      refusals.add(e.of(plugin.toString()));
    }
  }

  private void add(ServiceLoader<BackendProvider> loader, Predicate<Class<?>> wanted, String origin) {
    Iterator<ServiceLoader.Provider<BackendProvider>> providers = loader.stream().iterator();
    boolean more = true;
    while (more) {
      // Either call may load a class and fail; the next one then goes on behind it.
      try {
        more = providers.hasNext();
        if (more) {
          ServiceLoader.Provider<BackendProvider> provider = providers.next();
          if (wanted.test(provider.type())) {
            begun.add(Introduction.begin(provider, origin, limit));
          }
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        Unavailable why = Introduction.thrown("loading its provider", e);
        refusals.add(new Refusal(origin, why.reason(), why.remedy()));
      }
    }
  }

  /** Waits for all that were begun. */
  void finish() {
    for (Introduction introduction : begun) {
      try {
        Backends.Entry entry = introduction.await();
        Backends.Entry first = entries.putIfAbsent(entry.id(), entry);
        if (first != null) {
          throw new RefusedException("a backend with the id '%s' is there already, from %s"
              .formatted(entry.id(), first.origin()), "Keep one of the two");
        }
      } catch (RefusedException e) {
        refusals.add(e.of(introduction.origin()));
      }
    }
  }

  Collection<Backends.Entry> entries() {
    return entries.values();
  }

  List<Refusal> refusals() {
    return refusals;
  }
}
