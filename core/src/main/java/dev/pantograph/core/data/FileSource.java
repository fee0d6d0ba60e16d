package dev.pantograph.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Documents that are files: a single one, or those below a folder. */
final class FileSource implements DocumentSource {
  private record Found(Path path, Listing listing) {}

  private final String description;
  private final List<Path> paths;
  private final List<Listing> listings;

  private FileSource(String description, List<Found> found) {
    this.description = description;
    this.paths = found.stream().map(Found::path).toList();
    this.listings = found.stream().map(Found::listing).toList();
  }

  /** A single text file. */
  static FileSource file(Path file) throws IOException {
    long bytes = Files.size(file);
    List<Found> found = bytes == 0 ? List.of() : List.of(new Found(file, new Listing(nameOf(file), bytes)));
    return new FileSource("file " + file.toAbsolutePath(), found);
  }

  /** The files below a folder, at any depth. */
  static FileSource folder(Path folder) throws IOException {
    return new FileSource("folder " + folder.toAbsolutePath(), find(folder, Integer.MAX_VALUE, file -> true));
  }

  /** The files that fit a pattern. */
  static FileSource matching(GlobPattern pattern) throws IOException {
    return new FileSource("files " + pattern.text() + " in " + pattern.folder().toAbsolutePath(),
        find(pattern.folder(), pattern.depth(), pattern::matches));
  }

  private static List<Found> find(Path folder, int depth, Predicate<Path> wanted) throws IOException {
    List<Found> found = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(folder, depth)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        Path relative = folder.relativize(path);
        if (wanted.test(relative) && Files.isRegularFile(path) && Files.size(path) > 0) {
          found.add(new Found(path, new Listing(nameOf(relative), Files.size(path))));
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    // File systems list in an order of their own.
    found.sort(Comparator.comparing(file -> file.listing().name()));
    return found;
  }

  private static String nameOf(Path relative) {
    return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<Listing> listings() {
    return listings;
  }

  @Override
  public InputStream open(int index) throws IOException {
    return Files.newInputStream(paths.get(index));
  }

  @Override
  public void close() {
    // Files are opened one by one; nothing is held between.
  }
}
