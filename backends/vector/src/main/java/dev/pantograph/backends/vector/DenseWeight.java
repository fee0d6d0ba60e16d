package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A sparse weight with its zeros, {@code [rows, columns]}, for dense products. Its memory is kept for the next. */
final class DenseWeight implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final WorkerPool pool;
  private @Nullable HostBuffer memory;

  DenseWeight(WorkerPool pool) {
    this.pool = pool;
  }

  /** A row and the numbers of its non-zeros. */
  private interface Visit {
    void row(long row, int begin, int end);
  }

  /** Room for the weight; what it holds is not the weight. */
  View room(SparsePattern pattern) {
    Shape shape = Shape.of(pattern.rows(), pattern.columns());
    long bytes = shape.elements() * Float.BYTES;
    HostBuffer buffer = memory;
    if (buffer == null || buffer.byteSize() < bytes) {
      close();
      buffer = new HostBuffer("dense weight", bytes);
      memory = buffer;
    }
    return View.of(buffer, DType.F32, 0, shape);
  }

  /** The weight of these values. */
  View scatter(SparsePattern pattern, View values) {
    View weight = room(pattern);
    MemorySegment from = HostBuffer.segmentOf(values);
    MemorySegment to = HostBuffer.segmentOf(weight);
    MemorySegment columns = HostBuffer.segmentOf(pattern.columnIndices());
    forRows(pattern, (row, begin, end) -> {
      long first = row * pattern.columns();
      to.asSlice(first * Float.BYTES, pattern.columns() * Float.BYTES).fill((byte) 0);
      for (int i = begin; i < end; i++) {
        to.setAtIndex(FLOAT, first + columns.getAtIndex(INT, pattern.columnIndices().offset() + i),
            from.getAtIndex(FLOAT, values.offset() + i));
      }
    });
    return weight;
  }

  /** Copies to the values what a matrix of the weight's shape holds at the non-zeros; adds it if {@code accumulate}. */
  void gather(SparsePattern pattern, View matrix, View values, boolean accumulate) {
    MemorySegment from = HostBuffer.segmentOf(matrix);
    MemorySegment to = HostBuffer.segmentOf(values);
    MemorySegment columns = HostBuffer.segmentOf(pattern.columnIndices());
    forRows(pattern, (row, begin, end) -> {
      for (int i = begin; i < end; i++) {
        long at = values.offset() + i;
        float old = accumulate ? to.getAtIndex(FLOAT, at) : 0;
        int column = columns.getAtIndex(INT, pattern.columnIndices().offset() + i);
        to.setAtIndex(FLOAT, at, old + from.getAtIndex(FLOAT, row * pattern.columns() + column));
      }
    });
  }

  private void forRows(SparsePattern pattern, Visit visit) {
    MemorySegment offsets = HostBuffer.segmentOf(pattern.rowOffsets());
    long first = pattern.rowOffsets().offset();
    RowChunks chunks = RowChunks.of(pattern.rows(), pattern.columns());
    pool.run(chunks.tasks(), (task, worker) -> {
      for (long row = chunks.firstRow(task), end = row + chunks.rowsOf(task); row < end; row++) {
        visit.row(row, offsets.getAtIndex(INT, first + row), offsets.getAtIndex(INT, first + row + 1));
      }
    });
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
