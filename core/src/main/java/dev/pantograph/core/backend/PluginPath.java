package dev.pantograph.core.backend;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where backends from outside are. Each element is one plugin: a jar, or a folder whose jars belong together.
 *
 * @param plugins absolute, each once, in order of precedence
 */
public record PluginPath(List<Path> plugins) {
  public PluginPath {
    plugins = plugins.stream().map(plugin -> plugin.toAbsolutePath().normalize()).distinct().toList();
  }

  /** No plugins. */
  public static PluginPath none() {
    return new PluginPath(List.of());
  }

  /** Plugins written in one line, parted as the elements of a class path are. Empty elements count for nothing. */
  public static PluginPath parse(String line) {
    return new PluginPath(Arrays.stream(line.split(File.pathSeparator))
        .filter(element -> !element.isBlank()).map(Path::of).toList());
  }

  /**
   * What lies in a folder of plugins: each jar and each folder in it is one. A folder that does not exist holds none.
   *
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static PluginPath inside(Path folder) {
    if (!Files.exists(folder)) {
      return none();
    }
    try (Stream<Path> content = Files.list(folder)) {
      return new PluginPath(content.filter(PluginPath::isPlugin).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPlugin(Path path) {
    String name = path.getFileName().toString();
    return !name.startsWith(".") && (name.endsWith(".jar") || Files.isDirectory(path));
  }

  /** These plugins, then those. */
  public PluginPath then(PluginPath more) {
    return new PluginPath(Stream.concat(plugins.stream(), more.plugins.stream()).toList());
  }
}
