package dev.pantograph.core.data;

import dev.pantograph.spi.Philox;
import java.util.Objects;

/**
 * A pseudo-random permutation of {@code 0 … size−1} that is computed, not stored: where an index goes is a pure
 * function of {@code (seed, stream, index)}.
 *
 * <p>A Feistel network over the smallest power of two that holds {@code size} is a bijection whatever its round
 * function (here Philox); indices that land outside are sent through again until they land inside ("cycle walking",
 * Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), which is less than twice on average.
 *
 * @param size number of elements, at least 1
 */
record KeyedPermutation(long size, long seed, long stream) {
  private static final int ROUNDS = 8;

  KeyedPermutation {
    if (size < 1) {
      throw new IllegalArgumentException("permutation of %d elements: needed at least 1".formatted(size));
    }
  }

  /**
   * Where an index goes.
   *
   * @throws IndexOutOfBoundsException if it is not in {@code [0, size)}
   */
  long apply(long index) {
    long value = Objects.checkIndex(index, size);
    do {
      value = network(value);
    } while (value >= size);
    return value;
  }

  private long network(long value) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    int rightBits = bits / 2;
    long leftMask = (1L << (bits - rightBits)) - 1;
    long rightMask = (1L << rightBits) - 1;
    long left = value >>> rightBits;
    long right = value & rightMask;
    // The halves may differ by one bit, so they take turns instead of changing places.
    for (int round = 0; round < ROUNDS; round += 2) {
      left ^= scramble(round, right) & leftMask;
      right ^= scramble(round + 1, left) & rightMask;
    }
    return left << rightBits | right;
  }

  /** A half has at most 32 bits, so round and half share one index without collision. */
  private long scramble(int round, long half) {
    return Philox.word(seed, stream, (long) round << 32 | half);
  }
}
