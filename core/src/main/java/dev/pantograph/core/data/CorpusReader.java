package dev.pantograph.core.data;

import dev.pantograph.core.data.DocumentSource.Listing;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads documents from a source until a limit is reached, several at once, leaving binary ones out. */
final class CorpusReader {
  // Which documents a limit leaves is part of what a corpus is, so it must not change with a run's seed.
  private static final long ORDER_SEED = 0;
  private static final long ORDER_STREAM = 0x636f72707573L; // "corpus"

  /** The longest text a Java array holds. */
  private static final long LONGEST_DOCUMENT = Integer.MAX_VALUE - 8;

  /** A document to read, and how much of it. */
  private record Planned(int index, int bytes) {}

  private final DocumentSource source;
  private final List<Listing> listings;
  private final long limitBytes;
  private final long totalBytes;
  private final KeyedPermutation order;
  private int next;
  private int binary;

  CorpusReader(DocumentSource source, List<Listing> listings, long limitBytes) {
    this.source = source;
    this.listings = listings;
    this.limitBytes = limitBytes;
    this.totalBytes = listings.stream().mapToLong(Listing::bytes).sum();
    this.order = new KeyedPermutation(listings.size(), ORDER_SEED, ORDER_STREAM);
  }

  /** Number of documents found binary so far. */
  int binary() {
    return binary;
  }

  /** Reads once; the documents come by ascending index. */
  List<Document> read() {
    requireHeap(Math.min(totalBytes, limitBytes), Runtime.getRuntime().maxMemory());
    List<Document> documents = new ArrayList<>();
    long taken = 0;
    // One round suffices unless documents turn out binary and leave room for others.
    while (taken < limitBytes && next < listings.size()) {
      List<Planned> round = plan(limitBytes - taken);
      List<Document> texts = round.parallelStream().map(this::document).flatMap(Optional::stream).toList();
      binary += round.size() - texts.size();
      taken += texts.stream().mapToLong(Document::bytes).sum();
      documents.addAll(texts);
    }
    documents.sort(Comparator.comparingInt(Document::index));
    return documents;
  }

  private List<Planned> plan(long room) {
    List<Planned> round = new ArrayList<>();
    long left = room;
    while (left > 0 && next < listings.size()) {
      int index = totalBytes <= limitBytes ? next : Math.toIntExact(order.apply(next));
      long bytes = Math.min(listings.get(index).bytes(), left);
      if (bytes > LONGEST_DOCUMENT) {
        throw new DataException("%s: found document '%s' of %d bytes, needed at most %d in one document; split it"
            .formatted(source.description(), listings.get(index).name(), bytes, LONGEST_DOCUMENT));
      }
      round.add(new Planned(index, (int) bytes));
      left -= bytes;
      next++;
    }
    return round;
  }

  private Optional<Document> document(Planned planned) {
    String name = listings.get(planned.index()).name();
    byte[] text = new byte[planned.bytes()];
    try (InputStream in = source.open(planned.index())) {
      int read = in.readNBytes(text, 0, text.length);
      // Another program may have shortened the file since it was listed.
      text = read == text.length ? text : Arrays.copyOf(text, read);
    } catch (IOException e) {
      throw new DataException(
          "%s: found that document '%s' cannot be read (%s), needed a readable one; repair or remove it"
              .formatted(source.description(), name, e), e);
    }
    return isBinary(text)
        ? Optional.empty()
        : Optional.of(new Document(planned.index(), name, MemorySegment.ofArray(text)));
  }

  private static boolean isBinary(byte[] text) {
    for (byte b : text) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  private void requireHeap(long bytes, long heapBytes) {
    if (bytes > heapBytes / 2) {
      throw new DataException(("%s: found %d bytes of text, needed at most half of Java's heap, which is %d bytes;"
          + " limit the text or raise the heap with -Xmx").formatted(source.description(), bytes, heapBytes));
    }
  }
}
