package dev.pantograph.core.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Documents as one long row of tokens, held off-heap at two bytes a token.
 *
 * <p>Tokens are bytes: 0 to 255 stand for themselves, and {@link #END_OF_DOCUMENT} follows every document. Safe for use
 * by several threads.
 */
public final class TokenStream implements AutoCloseable {
  /** The token after each document's last byte. */
  public static final int END_OF_DOCUMENT = 256;

  /** Number of different tokens: the 256 bytes and {@link #END_OF_DOCUMENT}. */
  public static final int VOCABULARY = 257;

  // Host byte order throughout: this memory never leaves the process.
  private static final ValueLayout.OfChar TOKEN = ValueLayout.JAVA_CHAR;
  private static final ValueLayout.OfInt INDEX = ValueLayout.JAVA_INT_UNALIGNED;

  private final Arena arena;
  private final MemorySegment tokens;
  private final long size;

  private TokenStream(Arena arena, MemorySegment tokens) {
    this.arena = arena;
    this.tokens = tokens;
    this.size = tokens.byteSize() / TOKEN.byteSize();
  }

  /**
   * The documents in the given order, each followed by {@link #END_OF_DOCUMENT}.
   *
   * @throws OutOfMemoryError if two bytes a token cannot be had off-heap
   */
  public static TokenStream of(List<Document> documents) {
    long[] starts = new long[documents.size() + 1];
    for (int d = 0; d < documents.size(); d++) {
      starts[d + 1] = starts[d] + documents.get(d).bytes() + 1;
    }
    Arena arena = Arena.ofShared();
    try {
      MemorySegment tokens = arena.allocate(TOKEN, starts[documents.size()]);
      IntStream.range(0, documents.size()).parallel().forEach(d -> write(documents.get(d), tokens, starts[d]));
      return new TokenStream(arena, tokens);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static void write(Document document, MemorySegment tokens, long start) {
    MemorySegment text = document.text();
    long bytes = text.byteSize();
    for (long i = 0; i < bytes; i++) {
      tokens.setAtIndex(TOKEN, start + i, (char) (text.get(ValueLayout.JAVA_BYTE, i) & 0xFF));
    }
    tokens.setAtIndex(TOKEN, start + bytes, (char) END_OF_DOCUMENT);
  }

  /** Number of tokens. */
  public long size() {
    return size;
  }

  /**
   * The token at a position, in {@code [0, VOCABULARY)}.
   *
   * @throws IndexOutOfBoundsException if the position is not in {@code [0, size())}
   */
  public int token(long position) {
    return tokens.getAtIndex(TOKEN, Objects.checkIndex(position, size));
  }

  /**
   * Copies {@code count} consecutive tokens.
   *
   * @param from position of the first
   * @param destination receives int32 in the host's byte order
   * @param at index of the first int32 to write
   * @throws IndexOutOfBoundsException if either range is not within its bounds
   */
  public void copy(long from, int count, MemorySegment destination, long at) {
    Objects.checkFromIndexSize(from, count, size);
    for (int i = 0; i < count; i++) {
      destination.setAtIndex(INDEX, at + i, tokens.getAtIndex(TOKEN, from + i));
    }
  }

  /** Releases the memory. */
  @Override
  public void close() {
    arena.close();
  }

  @Override
  public String toString() {
    return "TokenStream[" + size + " tokens]";
  }
}
