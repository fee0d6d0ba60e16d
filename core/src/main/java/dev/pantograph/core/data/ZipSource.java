package dev.pantograph.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The entries of a zip or jar file, read without unpacking it to disk. */
final class ZipSource implements DocumentSource {
  private static final byte[] LOCAL_ENTRY = {'P', 'K', 3, 4};
  private static final byte[] END_OF_EMPTY_ARCHIVE = {'P', 'K', 5, 6};

  private final Path file;
  private final ZipFile zip;
  private final List<? extends ZipEntry> entries;

  ZipSource(Path file) throws IOException {
    this.file = file;
    this.zip = new ZipFile(file.toFile());
    this.entries = zip.stream()
        .filter(entry -> !entry.isDirectory() && entry.getSize() > 0)
        .sorted(Comparator.comparing(ZipEntry::getName))
        .toList();
  }

  /** Whether a file begins as zip files do, whatever its name. */
  static boolean looksLikeZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(LOCAL_ENTRY.length);
      return Arrays.equals(magic, LOCAL_ENTRY) || Arrays.equals(magic, END_OF_EMPTY_ARCHIVE);
    }
  }

  @Override
  public String description() {
    return "zip " + file;
  }

  @Override
  public List<Listing> listings() {
    return entries.stream().map(entry -> new Listing(entry.getName(), entry.getSize())).toList();
  }

  @Override
  public InputStream open(int index) throws IOException {
    return zip.getInputStream(entries.get(index));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
