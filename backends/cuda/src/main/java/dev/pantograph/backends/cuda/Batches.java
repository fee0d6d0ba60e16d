package dev.pantograph.backends.cuda;

import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The products of a batch in runs through which every operand proceeds by equal steps: all of them in one run, as long
 * as the batch dimensions of each operand lie one within the other.
 */
final class Batches {
  private final List<View> operands;
  private final View out;
  /** Batch dimensions from this one on are one run. */
  private final int split;

  /**
   * Products from {@code first} on, {@code count} of them.
   *
   * @param outer their indices in the outer dimensions
   * @param skipped products with the same outer indices that come before
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Run(long first, long count, long[] outer, long skipped, int batchRank) {
    /** Where the first matrix of an operand lies. */
    long address(View view) {
      long offset = skipped * stride(view);
      for (int d = 0; d < outer.length; d++) {
        offset += outer[d] * view.stride(d);
      }
      return DeviceBuffer.address(view) + offset * view.type().bytes();
    }

    /** Elements from one matrix of an operand to the next. */
    long stride(View view) {
      for (int d = batchRank - 1; d >= outer.length; d--) {
        if (view.size(d) > 1) {
          return view.stride(d);
        }
      }
      return 0;
    }
  }

  Batches(MatMul k) {
    this.out = k.out();
    this.operands = new ArrayList<>(List.of(k.out(), k.a(), k.b()));
    Optional.ofNullable(k.c()).ifPresent(operands::add);
    Optional.ofNullable(OwnMatMul.preActivation(k)).ifPresent(operands::add);
    int from = batchRank();
    while (from > 0 && joins(from - 1)) {
      from--;
    }
    this.split = from;
  }

  private int batchRank() {
    return out.rank() - 2;
  }

  /** Whether a step of dimension d leads, in every operand, just past the batch dimensions inside it. */
  private boolean joins(int d) {
    return out.size(d) == 1 || operands.stream().allMatch(view -> joins(view, d));
  }

  private boolean joins(View view, int d) {
    for (int inner = d + 1; inner < batchRank(); inner++) {
      if (view.size(inner) > 1) {
        return view.stride(d) == view.size(inner) * view.stride(inner);
      }
    }
    return true;
  }

  /** Whether there is one run of all. */
  boolean areOne() {
    return split == 0;
  }

  /** How many products there are. */
  long count() {
    long count = 1;
    for (int d = 0; d < batchRank(); d++) {
      count *= out.size(d);
    }
    return count;
  }

  /** Elements from one matrix of an operand to the next, where there is one run. */
  long stride(View view) {
    return new Run(0, count(), new long[0], 0, batchRank()).stride(view);
  }

  void each(long mostInRun, Consumer<Run> action) {
    long inner = 1;
    for (int d = split; d < batchRank(); d++) {
      inner *= out.size(d);
    }
    for (long[] outer : outerIndices()) {
      long first = 0;
      for (int d = 0; d < split; d++) {
        first = first * out.size(d) + outer[d];
      }
      for (long skipped = 0; skipped < inner; skipped += mostInRun) {
        action.accept(new Run(
            first * inner + skipped, Math.min(inner - skipped, mostInRun), outer, skipped, batchRank()));
      }
    }
  }

  private List<long[]> outerIndices() {
    List<long[]> indices = new ArrayList<>(List.of(new long[split]));
    for (int d = 0; d < split; d++) {
      List<long[]> longer = new ArrayList<>();
      for (long[] index : indices) {
        for (long i = 0; i < out.size(d); i++) {
          long[] next = index.clone();
          next[d] = i;
          longer.add(next);
        }
      }
      indices = longer;
    }
    return indices;
  }
}
