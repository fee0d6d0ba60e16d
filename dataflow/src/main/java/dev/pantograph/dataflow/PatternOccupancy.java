package dev.pantograph.dataflow;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The occupancy of an actual mask, counted non-zero by non-zero. Its indices must lie in host memory. */
public final class PatternOccupancy implements Occupancy {
  private final View offsets;
  private final View indices;
  private final long inputs;

  private PatternOccupancy(View offsets, View indices, long inputs) {
    this.offsets = offsets;
    this.indices = indices;
    this.inputs = inputs;
  }

  /** Of a weight {@code [fanOut, fanIn]} in the forward pass and in its own gradient: outputs are its rows. */
  public static PatternOccupancy byRows(SparsePattern pattern) {
    return new PatternOccupancy(pattern.rowOffsets(), pattern.columnIndices(), pattern.columns());
  }

  /** In the gradient of the layer's input: outputs are the weight's columns. */
  public static PatternOccupancy byColumns(SparsePattern pattern) {
    return new PatternOccupancy(pattern.columnOffsets(), pattern.rowIndices(), pattern.rows());
  }

  @Override
  public long outputs() {
    return offsets.elements() - 1;
  }

  @Override
  public long inputs() {
    return inputs;
  }

  @Override
  public double nonZeros() {
    return indices.elements();
  }

  @Override
  public double slowest(long blocks, long window) {
    MemorySegment starts = memory(offsets);
    MemorySegment places = memory(indices);
    int[] blockOf = blockOfInput((int) blocks);
    long[] counts = new long[(int) blocks];
    long sum = 0;
    for (long begin = 0; begin < outputs(); begin += window) {
      Arrays.fill(counts, 0);
      int from = starts.getAtIndex(ValueLayout.JAVA_INT, begin);
      int to = starts.getAtIndex(ValueLayout.JAVA_INT, Math.min(begin + window, outputs()));
      for (int i = from; i < to; i++) {
        counts[blockOf[places.getAtIndex(ValueLayout.JAVA_INT, i)]]++;
      }
      sum += Arrays.stream(counts).max().orElse(0);
    }
    return sum;
  }

  private static MemorySegment memory(View view) {
    return HostBuffer.segmentOf(view).asSlice(view.byteOffset(), view.bytes());
  }

  private int[] blockOfInput(int blocks) {
    int[] blockOf = new int[(int) inputs];
    int length = blockOf.length / blocks;
    int longer = blockOf.length % blocks;
    for (int i = 0; i < blockOf.length; i++) {
      int inLonger = i / (length + 1);
      blockOf[i] = inLonger < longer ? inLonger : longer + (i - longer * (length + 1)) / length;
    }
    return blockOf;
  }
}
