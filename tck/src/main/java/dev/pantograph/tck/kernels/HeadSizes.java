package dev.pantograph.tck.kernels;

/**
 * What an attention and its gradient draw.
 *
 * @param scale of the logits
 */
record HeadSizes(long batch, long heads, long time, long headDim, double scale) {
  /** Beyond tiles of 64 and of 128. */
  private static final long GREATEST = 150;

  static HeadSizes of(Dice dice) {
    long[] timeAndDim = dice.sizesOfAHead(GREATEST);
    long heads = dice.between(1, 3);
    long batch = heads > 1 ? 1 : dice.between(1, 2);
    return new HeadSizes(batch, heads, timeAndDim[0], Math.max(1, timeAndDim[1]), dice.factor());
  }

  /** {@code [B, H, T, D]}. */
  long[] ofHeads() {
    return new long[] {batch, heads, time, headDim};
  }

  /** {@code [B, H, T]}. */
  long[] ofRows() {
    return new long[] {batch, heads, time};
  }
}
