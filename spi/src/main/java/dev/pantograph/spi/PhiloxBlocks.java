package dev.pantograph.spi;

/**
 * Neighbouring blocks of {@link Philox}, computed side by side: each word of a block has a row of its own in one array,
 * with all of it in 64 bits, so that the compiler makes vectors of every loop. (Of two arrays it cannot know that they
 * are two.)
 */
final class PhiloxBlocks {
  private static final int BLOCKS = 256;
  /** Words of all blocks. */
  static final int WORDS = Philox.BLOCK * BLOCKS;

  private static final long LOW = 0xFFFFFFFFL;
  private static final long MULTIPLIER_0 = Integer.toUnsignedLong(Philox.MULTIPLIER_0);
  private static final long MULTIPLIER_1 = Integer.toUnsignedLong(Philox.MULTIPLIER_1);

  private final long[] words = new long[WORDS];

  /** Computes the blocks from one counter on. */
  void compute(long seed, long stream, long firstCounter) {
    begin(words, stream, firstCounter);
    long k0 = seed & LOW;
    long k1 = seed >>> 32;
    for (int round = 0; round < Philox.ROUNDS; round++) {
      round(words, k0, k1);
      k0 = k0 + Philox.WEYL_0 & LOW;
      k1 = k1 + Philox.WEYL_1 & LOW;
    }
  }

  private static void begin(long[] words, long stream, long firstCounter) {
    for (int i = 0; i < BLOCKS; i++) {
      long counter = firstCounter + i;
      words[i] = counter & LOW;
      words[BLOCKS + i] = counter >>> 32;
      words[2 * BLOCKS + i] = stream & LOW;
      words[3 * BLOCKS + i] = stream >>> 32;
    }
  }

  private static void round(long[] words, long k0, long k1) {
    for (int i = 0; i < BLOCKS; i++) {
      long p0 = MULTIPLIER_0 * words[i];
      long p1 = MULTIPLIER_1 * words[2 * BLOCKS + i];
      words[i] = p1 >>> 32 ^ words[BLOCKS + i] ^ k0;
      words[2 * BLOCKS + i] = p0 >>> 32 ^ words[3 * BLOCKS + i] ^ k1;
      words[BLOCKS + i] = p1 & LOW;
      words[3 * BLOCKS + i] = p0 & LOW;
    }
  }

  /** The first {@code count} words in the order of their indices, as uniform numbers. */
  void uniforms(double[] into, int start, int count) {
    int whole = count / Philox.BLOCK;
    for (int i = 0; i < whole; i++) {
      int at = start + i * Philox.BLOCK;
      into[at] = Philox.uniform(words[i]);
      into[at + 1] = Philox.uniform(words[BLOCKS + i]);
      into[at + 2] = Philox.uniform(words[2 * BLOCKS + i]);
      into[at + 3] = Philox.uniform(words[3 * BLOCKS + i]);
    }
    for (int i = whole * Philox.BLOCK; i < count; i++) {
      into[start + i] = Philox.uniform(words[i % Philox.BLOCK * BLOCKS + whole]);
    }
  }
}
