package dev.pantograph.core.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** A place that holds documents, which are listed first and read one by one later, by several threads at once. */
sealed interface DocumentSource extends Closeable permits FileSource, ZipSource {

  /**
   * A document that was found.
   *
   * @param name path within the source, with {@code /} between its parts
   * @param bytes size of the text
   */
  record Listing(String name, long bytes) {}

  /** What this source is, for people. */
  String description();

  /** Every document that has at least one byte, in order of name. */
  List<Listing> listings();

  /** The text of the document at a position of {@link #listings}. */
  InputStream open(int index) throws IOException;
}
