package dev.pantograph.backends.foreign;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Libraries that a jar carries. They are taken out into one folder, where the system's loader finds what they need of
 * each other.
 *
 * @param artefact what to put on the path to have it, for people
 * @param files resources, the library itself first, then what it needs; those that no jar has are left to the system
 */
public record LibraryJar(String artefact, List<String> files) {
  public LibraryJar {
    files = List.copyOf(files);
  }

  /** The files of one folder of the jar. */
  public static LibraryJar of(String artefact, String folder, List<String> names) {
    return new LibraryJar(artefact, names.stream().map(name -> folder + "/" + name).toList());
  }

  /**
   * Takes the libraries out.
   *
   * @param loader where to look for the resources
   * @param folder holds a folder for each jar; what is there already, of the same size, is used again
   * @return the library; empty if the loader has none
   * @throws IOException if they cannot be written
   */
  public Optional<Path> extract(ClassLoader loader, Path folder) throws IOException {
    URL library = loader.getResource(files.getFirst());
    if (library == null) {
      return Optional.empty();
    }
    Path target = folder.resolve(jarName(library));
    for (String file : files) {
      URL resource = loader.getResource(file);
      if (resource != null) {
        extract(resource, target.resolve(file.substring(file.lastIndexOf('/') + 1)));
      }
    }
    return Optional.of(target.resolve(files.getFirst().substring(files.getFirst().lastIndexOf('/') + 1)));
  }

  /** The same from a jar that is on no path. */
  Optional<Path> extract(Path jar, Path folder) throws IOException {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      return extract(loader, folder);
    }
  }

  /** From {@code jar:file:/…/NAME.jar!/…}: it carries the version. */
  private static String jarName(URL resource) {
    if (resource.getProtocol().equals("jar")) {
      String path = resource.getPath();
      String jar = URI.create(path.substring(0, path.indexOf("!/"))).getPath();
      return jar.substring(jar.lastIndexOf('/') + 1).replaceFirst("\\.jar$", "");
    }
    return "loose";
  }

  private static void extract(URL resource, Path target) throws IOException {
    URLConnection connection = resource.openConnection();
    connection.setUseCaches(false);
    try (InputStream in = connection.getInputStream()) {
      if (Files.exists(target) && Files.size(target) == connection.getContentLengthLong()) {
        return;
      }
      Files.createDirectories(target.getParent());
      // Under another name until it is whole: an interrupted run must not leave half a library to the next one.
      Path part = Files.createTempFile(target.getParent(), "part", ".tmp");
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
