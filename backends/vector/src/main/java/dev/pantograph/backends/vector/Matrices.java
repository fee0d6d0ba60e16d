package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;

/** A stack of matrices in host memory: the last two dimensions of a view, the others counted through as one. */
final class Matrices {
  private final MemorySegment memory;
  private final View view;
  private final long rowStride;
  private final long columnStride;

  Matrices(View view) {
    this.memory = HostBuffer.segmentOf(view);
    this.view = view;
    this.rowStride = view.stride(-2);
    this.columnStride = view.stride(-1);
  }

  MemorySegment memory() {
    return memory;
  }

  DType type() {
    return view.type();
  }

  long rowStride() {
    return rowStride;
  }

  long columnStride() {
    return columnStride;
  }

  /** Whether the elements of a row lie next to each other; if not, those of a column do. */
  boolean byRows() {
    return columnStride == 1 || view.size(-1) <= 1;
  }

  /** Position of an element of one matrix, in elements. */
  long position(long matrix, long row, long column) {
    return start(view, matrix) + row * rowStride + column * columnStride;
  }

  /** Position of the first element of one matrix of a view, in elements. */
  static long start(View view, long matrix) {
    long start = view.offset();
    long rest = matrix;
    for (int d = view.rank() - 3; d >= 0; d--) {
      start += rest % view.size(d) * view.stride(d);
      rest /= view.size(d);
    }
    return start;
  }
}
