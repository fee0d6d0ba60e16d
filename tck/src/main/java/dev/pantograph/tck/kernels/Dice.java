package dev.pantograph.tck.kernels;

import java.util.List;
import java.util.SplittableRandom;

/** What a {@link KernelCase} draws shapes and options from: a function of the seed, of the sizes a rule wants. */
public final class Dice {
  /** Elements an oracle gets through in some hundredths of a second. */
  private static final long MOST_ELEMENTS = 1 << 16;
  /** Terms of sums, likewise. */
  private static final long MOST_TERMS = 1 << 19;
  /** Time steps times head dimension, each of which takes a sum over the other and over time. */
  private static final long MOST_OF_A_HEAD = 1 << 13;
  private static final int[] BEYOND_TILES = {131, 257, 521, 1031, 5003, 20_011, 40_013};

  private final SplittableRandom random;
  private final Sizes sizes;

  public Dice(long seed, Sizes sizes) {
    this.random = new SplittableRandom(seed);
    this.sizes = sizes;
  }

  /** Sizes of dimensions that may be empty, none above {@code greatest}. */
  long[] sizes(int count, long greatest) {
    return sizes(count, greatest, MOST_ELEMENTS);
  }

  /** Likewise, with more elements where they are many: for sums, whose oracle is quick and which are cut into tasks. */
  long[] sizesToSum(int count, long greatest) {
    return sizes(count, greatest, MOST_TERMS);
  }

  /** Time and head dimension of an attention, neither above {@code greatest}. */
  long[] sizesOfAHead(long greatest) {
    return sizes(2, greatest, MOST_OF_A_HEAD);
  }

  private long[] sizes(int count, long greatest, long mostWork) {
    long[] drawn = new long[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = Math.min(greatest, sizes.value(random.nextInt(sizes.count())));
    }
    int chosen = random.nextInt(count);
    if (sizes.mandatory() >= 0) {
      drawn[chosen] = sizes.mandatory();
    }
    if (sizes == Sizes.LARGE) {
      enlarge(drawn, chosen, greatest, mostWork);
    }
    return drawn;
  }

  private void enlarge(long[] drawn, int chosen, long greatest, long mostWork) {
    int choices = 1;
    while (choices < BEYOND_TILES.length && BEYOND_TILES[choices] <= greatest) {
      choices++;
    }
    drawn[chosen] = BEYOND_TILES[random.nextInt(choices)];
    for (int i = 0; work(drawn) > mostWork; i++) {
      int smaller = (chosen + 1 + i % Math.max(1, drawn.length - 1)) % drawn.length;
      drawn[smaller] = Math.ceilDiv(drawn[smaller], 2);
    }
  }

  private static long work(long[] sizes) {
    long work = 1;
    for (long size : sizes) {
      work *= size;
    }
    return work;
  }

  /** A size of 1 to {@code greatest} in a dimension that must not be empty, whatever sizes are wanted. */
  long between(long least, long greatest) {
    return random.nextLong(least, greatest + 1);
  }

  boolean flip() {
    return random.nextBoolean();
  }

  /** A factor between ¼ and 2, of either sign: never 0, which would hide what it multiplies. */
  double factor() {
    double size = random.nextDouble(0.25, 2);
    return flip() ? size : -size;
  }

  <E> E pick(List<E> from) {
    return from.get(random.nextInt(from.size()));
  }
}
