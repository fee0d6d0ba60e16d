package dev.pantograph.core.data;

import java.lang.foreign.MemorySegment;

/**
 * One text of a corpus.
 *
 * @param index position among all documents of the corpus in order of name, whether or not they were read
 * @param name path within the corpus, with {@code /} between its parts
 * @param text the bytes as they were found, whatever their encoding
 */
public record Document(int index, String name, MemorySegment text) {

  /** Makes the text read-only. */
  public Document {
    text = text.asReadOnly();
  }

  /** Size of the text in bytes. */
  public long bytes() {
    return text.byteSize();
  }
}
