package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.tck.Outcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Bytes come back as they were sent, to and from any offset, from heap and native memory; a transfer that does not fit
 * is refused and changes nothing.
 */
record TransfersBytes(int number, String title) implements BackendRule {
  private static final int SIZE = 1031;

  /** A part of the buffer. */
  private record Part(int offset, int length) {}

  private static final List<Part> PARTS =
      List.of(new Part(0, SIZE), new Part(0, 0), new Part(SIZE, 0), new Part(1, 1), new Part(3, 517), new Part(8, 64));
  private static final List<Part> OUTSIDE = List.of(new Part(-1, 1), new Part(SIZE, 1), new Part(1, SIZE));

  @Override
  public Outcome check(Subject subject) {
    try (Backend tested = subject.open();
        Buffer buffer = tested.allocate("bytes", SIZE);
        Buffer empty = tested.allocate("empty", 0);
        Arena arena = Arena.ofConfined()) {
      if (buffer.byteSize() != SIZE || !buffer.name().equals("bytes") || empty.byteSize() != 0) {
        throw new AssertionError("asked for 'bytes' of %d bytes and 'empty' of 0, found '%s' of %d and '%s' of %d"
            .formatted(SIZE, buffer.name(), buffer.byteSize(), empty.name(), empty.byteSize()));
      }
      byte[] expected = new byte[SIZE];
      SplittableRandom random = new SplittableRandom(number);
      for (Part part : PARTS) {
        for (MemorySegment sent : List.of(MemorySegment.ofArray(new byte[part.length()]), arena.allocate(SIZE)
            .asSlice(0, part.length()))) {
          random.nextBytes(expected);
          tested.upload(MemorySegment.ofArray(expected), buffer, 0);
          for (int i = 0; i < part.length(); i++) {
            expected[part.offset() + i] = (byte) i;
          }
          sent.copyFrom(MemorySegment.ofArray(expected).asSlice(part.offset(), part.length()));
          tested.upload(sent, buffer, part.offset());
          requireContent(tested, buffer, part, expected);
        }
      }
      for (Part part : OUTSIDE) {
        requireRefusal(tested, buffer, part, expected);
      }
    }
    return new Outcome.Passed();
  }

  private static void requireContent(Backend tested, Buffer buffer, Part part, byte[] expected) {
    byte[] whole = new byte[SIZE];
    tested.download(buffer, 0, MemorySegment.ofArray(whole));
    int at = Arrays.mismatch(whole, expected);
    if (at >= 0) {
      throw new AssertionError("after an upload of %d bytes to offset %d, byte %d is %d, expected %d"
          .formatted(part.length(), part.offset(), at, whole[at], expected[at]));
    }
    byte[] received = new byte[part.length()];
    tested.download(buffer, part.offset(), MemorySegment.ofArray(received));
    byte[] wanted = Arrays.copyOfRange(expected, part.offset(), part.offset() + part.length());
    if (!Arrays.equals(received, wanted)) {
      throw new AssertionError("a download of %d bytes from offset %d differs from what is there"
          .formatted(part.length(), part.offset()));
    }
  }

  private static void requireRefusal(Backend tested, Buffer buffer, Part part, byte[] expected) {
    String circumstances = "%d bytes at offset %d of %d".formatted(part.length(), part.offset(), SIZE);
    MemorySegment memory = MemorySegment.ofArray(new byte[part.length()]);
    Findings.requireRefusal("upload of " + circumstances, RuntimeException.class,
        () -> tested.upload(memory, buffer, part.offset()));
    Findings.requireRefusal("download of " + circumstances, RuntimeException.class,
        () -> tested.download(buffer, part.offset(), memory));
    requireContent(tested, buffer, new Part(0, 0), expected);
  }
}
