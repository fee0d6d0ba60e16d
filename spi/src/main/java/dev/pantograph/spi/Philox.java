package dev.pantograph.spi;

/**
 * Counter-based random numbers: Philox4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * <p>Randomness here is addressed, not consumed: a value is a pure function of {@code (seed, stream, index)}. The seed
 * is the key; the counter is {@code (index / 4, stream)}, and {@code index mod 4} chooses one of the four words of the
 * block.
 */
public final class Philox {
  static final int MULTIPLIER_0 = 0xD2511F53;
  static final int MULTIPLIER_1 = 0xCD9E8D57;
  static final int WEYL_0 = 0x9E3779B9;
  static final int WEYL_1 = 0xBB67AE85;
  static final int ROUNDS = 10;
  /** Words of a block. */
  static final int BLOCK = 4;

  private Philox() {}

  /** The 32-bit word at one position, as an unsigned value in the low half. */
  public static long word(long seed, long stream, long index) {
    int[] words = new int[BLOCK];
    block(seed, stream, counter(index), words);
    // Constant indices let the compiler keep the block in registers: with a variable one each word costs an array.
    return Integer.toUnsignedLong(switch (lane(index)) {
      case 0 -> words[0];
      case 1 -> words[1];
      case 2 -> words[2];
      default -> words[3];
    });
  }

  /** Which block the word at one position belongs to. */
  private static long counter(long index) {
    return index >>> 2;
  }

  /** Where in its block the word at one position stands. */
  private static int lane(long index) {
    return (int) index & BLOCK - 1;
  }

  /** The four words of a block. */
  static void block(long seed, long stream, long counter, int[] words) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
      long p1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }

  /** Uniform in (0, 1): {@code (word + ½)·2⁻³²}, never an end point. */
  public static double uniform(long seed, long stream, long index) {
    return uniform(word(seed, stream, index));
  }

  static double uniform(long word) {
    return (word + 0.5) * 0x1p-32;
  }

  /** {@link #uniform} at {@code count} positions from {@code firstIndex} on, with each block computed once. */
  public static void uniforms(long seed, long stream, long firstIndex, double[] into, int count) {
    int done = 0;
    while (done < count && lane(firstIndex + done) != 0) {
      into[done] = uniform(seed, stream, firstIndex + done);
      done++;
    }
    PhiloxBlocks blocks = new PhiloxBlocks();
    while (done < count) {
      int part = Math.min(PhiloxBlocks.WORDS, count - done);
      blocks.compute(seed, stream, counter(firstIndex + done));
      blocks.uniforms(into, done, part);
      done += part;
    }
  }

  /** Uniform integer in {@code [0, bound)}, for a positive bound; the bias is below {@code bound·2⁻⁶⁴}. */
  public static long below(long bound, long seed, long stream, long index) {
    if (bound <= 0) {
      throw new IllegalArgumentException("random integer below " + bound + " (expected: a positive bound)");
    }
    long high = word(seed, stream, 2 * index);
    long low = word(seed, stream, 2 * index + 1);
    return Math.unsignedMultiplyHigh(high << 32 | low, bound);
  }

  /** Standard normal: the inverse distribution function of {@link #uniform}, so |value| stays below 6.4. */
  public static double normal(long seed, long stream, long index) {
    return InverseNormal.quantile(uniform(seed, stream, index));
  }
}
