package dev.pantograph.core.data;

import java.lang.foreign.MemorySegment;

/**
 * Shuffled batches of a token stream, addressed by {@code (seed, step)}.
 *
 * <p>The stream is cut into windows of T+1 tokens that begin T apart, so that every token but the first is a target
 * exactly once; a rest too short for a window is left out. Rows are numbered through micro-batches and steps. Each
 * epoch of rows takes the windows in a permutation of its own; a batch may reach from one epoch into the next. No state
 * is kept: any step can be asked for at any time, by several threads.
 */
public final class BatchSampler implements BatchSource {
  private static final long EPOCHS = 0x65706f6368L << 24; // "epoch", with room for the epoch's number below

  private final TokenStream tokens;
  private final BatchGeometry geometry;
  private final long seed;
  private final long windows;

  /**
   * Batches of a stream. The stream must stay open as long as batches are wanted.
   *
   * @param microBatches micro-batches of a step
   * @param batch rows of a micro-batch, B
   * @param time tokens of a row, T
   * @throws DataException if the stream has fewer windows than a micro-batch has rows
   */
  public BatchSampler(TokenStream tokens, int microBatches, int batch, int time, long seed) {
    this.tokens = tokens;
    this.geometry = new BatchGeometry(microBatches, batch, time);
    this.seed = seed;
    this.windows = Math.max(0, tokens.size() - 1) / time;
    if (windows < batch) {
      throw new DataException(("batches: found %d tokens, needed %d for one batch of %d rows of %d tokens (B·T + 1);"
          + " give more text, fewer rows or shorter rows")
          .formatted(tokens.size(), (long) batch * time + 1, batch, time));
    }
  }

  @Override
  public int batch() {
    return geometry.batch();
  }

  @Override
  public int time() {
    return geometry.time();
  }

  @Override
  public int microBatches() {
    return geometry.microBatches();
  }

  /** Number of windows: the rows of one epoch. */
  public long windows() {
    return windows;
  }

  @Override
  public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
    geometry.require(step, micro, inputs, targets);
    int time = geometry.time();
    long firstRow = Math.addExact(Math.multiplyExact(step, geometry.rowsPerStep()), (long) micro * geometry.batch());
    for (int row = 0; row < geometry.batch(); row++) {
      long start = window(firstRow + row) * time;
      long at = (long) row * time;
      tokens.copy(start, time, inputs, at);
      tokens.copy(start + 1, time, targets, at);
    }
  }

  private long window(long row) {
    return new KeyedPermutation(windows, seed, EPOCHS + row / windows).apply(row % windows);
  }
}
