package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The blocks derived from patterns, kept as long as somebody holds a pattern's views: its indices never change, and a
 * layer's products ask for them in every step.
 */
final class SparseFormats {
  private final Map<View, SparseBlocks> byRows = new WeakHashMap<>();
  private final Map<View, SparseBlocks> byColumns = new WeakHashMap<>();

  /** The blocks of a weight, or of its transpose. */
  SparseBlocks of(SparsePattern pattern, boolean transpose, SparsePlan plan) {
    return (transpose ? byColumns : byRows)
        .computeIfAbsent(pattern.columnIndices(), _ -> SparseBlocks.of(pattern, transpose, plan.width()));
  }

  /** Looks at every operand: what is derived from a pattern outlives its memory, and is not to be used then. */
  static void requireOpen(Kernel k) {
    k.operands().forEach(operand -> HostBuffer.segmentOf(operand.view()));
  }
}
