package dev.pantograph.backends.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Between which numbers the token indices of a part of a buffer lie. Kernels may not be given an index outside their
 * vocabulary, and to ask the device would be to wait for it; so what is uploaded is looked at on its way.
 *
 * @param from first byte of the part
 * @param to byte behind it
 * @param least of the indices
 * @param greatest of the indices
 */
record TokenBounds(long from, long to, int least, int greatest) {
  /** Of what is about to be uploaded to a place. */
  static TokenBounds of(MemorySegment source, long offset) {
    int least = Integer.MAX_VALUE;
    int greatest = Integer.MIN_VALUE;
    long count = offset % Integer.BYTES == 0 ? source.byteSize() / Integer.BYTES : 0;
    for (long i = 0; i < count; i++) {
      int token = source.get(ValueLayout.JAVA_INT_UNALIGNED, i * Integer.BYTES);
      least = Math.min(least, token);
      greatest = Math.max(greatest, token);
    }
    return new TokenBounds(offset, offset + count * Integer.BYTES, least, greatest);
  }

  /** Whether a part lies within this one and all of it is an index into a vocabulary. */
  boolean prove(long partFrom, long partTo, long vocabulary) {
    return from <= partFrom && partTo <= to && least >= 0 && greatest < vocabulary;
  }
}
