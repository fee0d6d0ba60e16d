package dev.pantograph.core.data;

import dev.pantograph.core.data.DocumentSource.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The text to train on: documents in order of name, binary ones left out.
 *
 * <p>A specification is a text file, a folder (read at any depth), a zip or jar file, or a pattern such as
 * {@code docs/**}{@code /*.md}. Without one the corpus is the source code of the running JDK. A document is one file or
 * one zip entry; it is binary if it holds a byte of value zero. Empty files are no documents.
 *
 * @param source what was read, for people
 * @param listed number of documents the source holds, read or not, binary ones included
 * @param binary number of documents that were looked at and left out as binary
 * @param documents the text, by ascending index
 */
public record Corpus(String source, int listed, int binary, List<Document> documents) {
  /** A limit that is never reached. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  private static final String HOW_TO_GIVE_ONE = "give text with --data FILE|FOLDER|ZIP|GLOB";

  public Corpus {
    documents = List.copyOf(documents);
  }

  /**
   * Reads the source code of the running JDK, {@code lib/src.zip}.
   *
   * @param limitBytes as for {@link #open}
   * @throws DataException if this JDK came without its sources; names every path looked for
   */
  public static Corpus ofJdk(long limitBytes) {
    return ofJdk(Path.of(System.getProperty("java.home")), limitBytes);
  }

  static Corpus ofJdk(Path javaHome, long limitBytes) {
    Path sources = javaHome.resolve("lib", "src.zip");
    if (!Files.isRegularFile(sources)) {
      throw new DataException(("no corpus: found no file %s, needed text to train on; %s,"
          + " or run on a JDK that has lib/src.zip (some systems package it apart, as the JDK's sources)")
          .formatted(sources, HOW_TO_GIVE_ONE));
    }
    return open(sources.toString(), limitBytes);
  }

  /**
   * Reads a corpus.
   *
   * <p>If it holds more than {@code limitBytes}, documents are taken in an order that is random, spread over the whole
   * corpus and always the same, until the limit is reached; the last is cut to fit. A larger limit takes a superset.
   *
   * @param specification a file, folder, zip or pattern; empty means the running JDK's sources, as {@link #ofJdk}
   * @param limitBytes the most text to read, at least 1, or {@link #NO_LIMIT}
   * @throws DataException if nothing is found or it cannot be read; names every path looked for
   */
  public static Corpus open(String specification, long limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("limit of %d bytes of text: needed at least 1".formatted(limitBytes));
    }
    if (specification.isEmpty()) {
      return ofJdk(limitBytes);
    }
    try (DocumentSource source = source(specification)) {
      List<Listing> listings = source.listings();
      if (listings.isEmpty()) {
        throw nothing(specification, "no file with any text in " + source.description());
      }
      CorpusReader reader = new CorpusReader(source, listings, limitBytes);
      List<Document> documents = reader.read();
      if (documents.isEmpty()) {
        throw nothing(specification,
            "only binary files (%d of them) in %s".formatted(reader.binary(), source.description()));
      }
      return new Corpus(source.description(), listings.size(), reader.binary(), documents);
    } catch (IOException e) {
      throw new DataException(
          "--data %s: found that reading fails (%s), needed readable files; check path and permissions"
              .formatted(specification, e), e);
    }
  }

  private static DocumentSource source(String specification) throws IOException {
    Path path = existing(specification).orElse(null);
    if (path != null) {
      if (Files.isDirectory(path)) {
        return FileSource.folder(path);
      }
      return ZipSource.looksLikeZip(path) ? new ZipSource(path) : FileSource.file(path);
    }
    if (GlobPattern.isPattern(specification)) {
      GlobPattern pattern = GlobPattern.parse(specification);
      if (Files.isDirectory(pattern.folder())) {
        return FileSource.matching(pattern);
      }
      throw nothing(specification, "no folder " + pattern.folder().toAbsolutePath());
    }
    throw nothing(specification, "no file or folder " + Path.of(specification).toAbsolutePath());
  }

  private static Optional<Path> existing(String specification) {
    try {
      return Optional.of(Path.of(specification)).filter(Files::exists);
    } catch (InvalidPathException e) {
      // Some file systems refuse a pattern's special characters in a path; as a pattern it may still be good.
      if (GlobPattern.isPattern(specification)) {
        return Optional.empty();
      }
      throw new DataException("--data %s: found no path (%s), needed text to train on; %s"
          .formatted(specification, e.getReason(), HOW_TO_GIVE_ONE), e);
    }
  }

  private static DataException nothing(String specification, String found) {
    return new DataException(("no corpus: --data %s: found %s, needed text to train on; %s,"
        + " or leave --data out to use the JDK's sources").formatted(specification, found, HOW_TO_GIVE_ONE));
  }

  /** Total size of the documents' text in bytes. */
  public long bytes() {
    return documents.stream().mapToLong(Document::bytes).sum();
  }

  /** Source, number of documents, size, and what was left out, in one line. */
  public String description() {
    return String.format(Locale.ROOT, "%s: %d of %d documents, %.1f MB, %d skipped as binary",
        source, documents.size(), listed, bytes() / 1e6, binary);
  }
}
