package dev.pantograph.backends.vector;

import dev.pantograph.spi.View;

/**
 * How attention on {@code [B, H, T, D]} is cut into tasks, by shape alone: each head into parts, a part being every n-th
 * block of {@link CausalBlock#SIZE} positions. Where there are many heads, a part is a whole head, whose operands are
 * then gathered once.
 */
record HeadParts(int sequences, int heads, int time, int headDim, int blocks, int parts) {

  /** Tasks wanted of one kernel. */
  private static final int WANTED_TASKS = 16;

  static HeadParts of(View operand) {
    int heads = Math.toIntExact(operand.size(1));
    int sequences = Math.toIntExact(operand.size(0) * heads);
    int time = Math.toIntExact(operand.size(2));
    int blocks = Math.ceilDiv(time, CausalBlock.SIZE);
    int wanted = sequences == 0 ? 0 : Math.ceilDiv(WANTED_TASKS, sequences);
    return new HeadParts(
        sequences, heads, time, Math.toIntExact(operand.size(3)), blocks, Math.min(wanted, blocks));
  }

  /** Tasks are counted part after part, so that those of the part with the most work come first. */
  int tasks() {
    return Math.multiplyExact(sequences, parts);
  }

  int batch(int task) {
    return task % sequences / heads;
  }

  int head(int task) {
    return task % sequences % heads;
  }

  int part(int task) {
    return task / sequences;
  }

  /** Positions in a block. */
  int count(int block) {
    return Math.min(CausalBlock.SIZE, time - block * CausalBlock.SIZE);
  }
}
