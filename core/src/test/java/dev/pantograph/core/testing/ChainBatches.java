package dev.pantograph.core.testing;

import dev.pantograph.core.data.BatchSource;
import dev.pantograph.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Batches from a random chain in which each token has four possible successors, so that there is something to learn. A
 * row is a function of seed, step and its number within the step: n micro-batches of b rows are one batch of n·b.
 */
public record ChainBatches(long seed, int vocabulary, int microBatches, int batch, int time) implements BatchSource {
  private static final int SUCCESSORS = 4;
  private static final long CHOICES = 0;
  private static final long FIRST_TOKEN = 1;

  @Override
  public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
    for (int b = 0; b < batch; b++) {
      int[] row = row(step * microBatches * batch + (long) micro * batch + b);
      for (int t = 0; t < time; t++) {
        inputs.setAtIndex(ValueLayout.JAVA_INT, (long) b * time + t, row[t]);
        targets.setAtIndex(ValueLayout.JAVA_INT, (long) b * time + t, row[t + 1]);
      }
    }
  }

  private int[] row(long number) {
    int[] row = new int[time + 1];
    row[0] = (int) Philox.below(vocabulary, seed, FIRST_TOKEN, number);
    for (int t = 0; t < time; t++) {
      long choice = Philox.below(SUCCESSORS, seed, CHOICES, number * time + t);
      long successorsOfToken = FIRST_TOKEN + 1 + row[t];
      row[t + 1] = (int) Philox.below(vocabulary, seed, successorsOfToken, choice);
    }
    return row;
  }

  /** The inputs of a step's first micro-batch. */
  public int[] inputs(long step) {
    int[] inputs = new int[batch * time];
    fill(step, 0, MemorySegment.ofArray(inputs), MemorySegment.ofArray(new int[batch * time]));
    return inputs;
  }
}
