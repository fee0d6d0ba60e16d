package dev.pantograph.backends.cuda;

import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** Products over the non-zeros of a weight. */
final class SparseKernels {
  private static final int THREADS = 256;

  private final Launcher launcher;

  SparseKernels(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(SparseMatMul k) {
    boolean byRows = k.transposed();
    long columns = k.out().size(1);
    launcher.begin(Source.SPARSE, "sparse_matmul", k.out().type());
    rows(k.out());
    rows(k.x());
    launcher.view(k.values())
        .view(byRows ? k.pattern().rowOffsets() : k.pattern().columnOffsets())
        .view(byRows ? k.pattern().columnIndices() : k.pattern().rowIndices())
        .view(byRows ? null : k.pattern().positions())
        .add(k.alpha()).view(k.bias()).add(k.beta());
    rows(k.c());
    launcher.add(k.tokens()).add(columns).grid(
        Math.ceilDiv(columns, THREADS), Math.min(k.tokens(), Launcher.MOST_BLOCKS_Y), 1, THREADS, 1, 0);
  }

  void run(SampledMatMul k) {
    launcher.begin(Source.SPARSE, "sampled_matmul", k.out().type()).view(k.out());
    rows(k.dy());
    rows(k.x());
    launcher.view(k.pattern().rowOffsets()).view(k.pattern().columnIndices()).add(k.alpha()).add(k.accumulate())
        .add(k.tokens()).add(k.pattern().rows()).add(k.pattern().nonZeros()).oneThreadEach(k.pattern().nonZeros());
  }

  private void rows(@Nullable View view) {
    launcher.view(view).add(view == null ? 0 : view.stride(0));
  }
}
