package dev.pantograph.core.backend;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.SpiVersion;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The modules of one plugin. They come before those of the same name in the process, so a plugin meets the versions of
 * its libraries it was built with; only the contract is always the one that runs. A jar without a descriptor is an
 * automatic module.
 */
final class PluginModules implements ModuleFinder {
  private static final Module SPI = BackendProvider.class.getModule();

  /** What to do with a plugin whose classes do not link. */
  static final String REBUILD =
      "Rebuild it against SPI version %d and the libraries beside it".formatted(SpiVersion.CURRENT);

  private final ModuleFinder finder;

  private PluginModules(ModuleFinder finder) {
    this.finder = finder;
  }

  @Override
  public Optional<ModuleReference> find(String name) {
    return name.equals(SPI.getName()) ? Optional.empty() : finder.find(name);
  }

  @Override
  public Set<ModuleReference> findAll() {
    return finder.findAll().stream().filter(module -> !module.descriptor().name().equals(SPI.getName()))
        .collect(Collectors.toSet());
  }

  /**
   * Makes a layer of the plugin, on top of the layer this class is in and with a class loader of its own. Nothing of
   * the plugin has run then.
   *
   * @throws RefusedException if that cannot be; says why and what to do
   */
  static ModuleLayer load(Path plugin) throws RefusedException {
    ModuleLayer parent = PluginModules.class.getModule().getLayer();
    if (parent == null) {
      throw new RefusedException("plugins are modules, and this Pantograph runs from the class path",
          "Put Pantograph's jars on the module path, or the plugin's jars on the class path");
    }
    if (!Files.exists(plugin)) {
      throw new RefusedException("there is no such file or folder", "Correct the plugin path");
    }
    PluginModules modules = new PluginModules(ModuleFinder.of(plugin));
    try {
      modules.requireSpiVersion();
    } catch (IOException | FindException | IllegalArgumentException e) {
      throw new RefusedException("not readable as modules: " + e.getMessage(),
          "A plugin is a jar, or a folder of jars, for Java %d".formatted(Runtime.version().feature()), e);
    }
    return modules.layer(parent);
  }

  private void requireSpiVersion() throws IOException, RefusedException {
    boolean found = false;
    for (ModuleReference module : findAll()) {
      for (String provider : providers(module)) {
        found = true;
        requireSpiVersion(provider, module);
      }
    }
    if (!found) {
      throw new RefusedException("it provides no backend",
          "The jar's module-info must say 'provides %s with ...'".formatted(BackendProvider.class.getName()));
    }
  }

  private static List<String> providers(ModuleReference module) {
    return module.descriptor().provides().stream()
        .filter(provides -> provides.service().equals(BackendProvider.class.getName()))
        .flatMap(provides -> provides.providers().stream()).toList();
  }

  private static void requireSpiVersion(String provider, ModuleReference module) throws IOException, RefusedException {
    try (ModuleReader reader = module.open()) {
      OptionalInt version = CompiledSpiVersion.of(provider, reader);
      if (version.isEmpty()) {
        throw new RefusedException(provider + " does not say for which SPI version it was built",
            "Annotate it with @SpiVersion(SpiVersion.CURRENT) and rebuild it");
      }
      if (version.getAsInt() != SpiVersion.CURRENT) {
        throw new RefusedException("%s was built for SPI version %d; this Pantograph has version %d"
            .formatted(provider, version.getAsInt(), SpiVersion.CURRENT), REBUILD);
      }
    }
  }

  private ModuleLayer layer(ModuleLayer parent) throws RefusedException {
    Set<String> names = findAll().stream().map(module -> module.descriptor().name())
        .collect(Collectors.toCollection(HashSet::new));
    ModuleLayer.Controller controller;
    try {
      Configuration configuration =
          Configuration.resolve(this, List.of(parent.configuration()), ModuleFinder.of(), names);
      controller = ModuleLayer.defineModulesWithOneLoader(configuration, List.of(parent),
          PluginModules.class.getClassLoader());
    } catch (FindException | ResolutionException | LayerInstantiationException e) {
      throw new RefusedException("its modules do not fit together: " + e.getMessage(),
          "Put what it requires beside it and name the folder; a missing module of the JDK comes with the JVM option"
              + " --add-modules",
          e);
    }
    // What this module may do, a plugin may: it can pass on the permission, not make one.
    if (PluginModules.class.getModule().isNativeAccessEnabled()) {
      controller.layer().modules().forEach(controller::enableNativeAccess);
    }
    return controller.layer();
  }
}
