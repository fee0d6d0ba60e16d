package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.backend.PluginPath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which backend to use and where to look for it. A mixin. */
final class BackendChoice {
  /** More plugins, parted as on the command line. */
  private static final String ENVIRONMENT = "PANTOGRAPH_PLUGINS";

  /** The folder of plugins that belongs to the installation; set by the launcher. */
  private static final String INSTALLED = "pantograph.plugins";

  @Option(
      names = "--backend", paramLabel = "ID",
      description = "Backend to compute on. Default: the best one available; 'doctor' lists them.")
  private @Nullable String id;

  @Option(
      names = "--plugin-path", paramLabel = "PATH",
      description = "Where to find backends from outside: jars, or folders of jars that belong together. Then come those"
          + " in " + ENVIRONMENT + " and in the folder 'plugins' of the installation.")
  private List<String> pluginPath = new ArrayList<>();

  /** All backends there are, those of plugins included. */
  Backends discover() {
    PluginPath plugins = PluginPath.none();
    for (String path : pluginPath) {
      plugins = plugins.then(PluginPath.parse(path));
    }
    String environment = System.getenv(ENVIRONMENT);
    if (environment != null) {
      plugins = plugins.then(PluginPath.parse(environment));
    }
    String installed = System.getProperty(INSTALLED);
    if (installed != null) {
      plugins = plugins.then(PluginPath.inside(Path.of(installed)));
    }
    return Backends.discover(plugins);
  }

  /**
   * The backend the user asked for, or the preferred one.
   *
   * @throws IllegalArgumentException if no backend has the name; suggests the nearest, and says why others are not there
   * @throws dev.pantograph.spi.BackendUnavailableException if it cannot be had on this machine
   */
  Backends.Entry in(Backends backends) {
    if (id == null) {
      return backends.preferred();
    }
    List<String> known = backends.entries().stream().map(Backends.Entry::id).toList();
    if (!known.contains(id)) {
      throw new IllegalArgumentException("no backend is named '%s'%s%n%s"
          .formatted(id, NearestName.suggestion(id, known), backends.inventory()));
    }
    return backends.require(id);
  }

  /** Whether the user named a backend. */
  boolean isExplicit() {
    return id != null;
  }
}
