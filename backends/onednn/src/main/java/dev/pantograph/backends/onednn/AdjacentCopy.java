package dev.pantograph.backends.onednn;

import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A single row or column whose elements do not lie next to each other, copied to where they do: of a matrix with one
 * row or one column, oneDNN 3.8 takes the other stride for 1, whatever it was told.
 */
final class AdjacentCopy {
  private @Nullable HostBuffer memory;

  static boolean isNeeded(Gemm.Matrix matrix, int rows, int columns) {
    return (rows == 1 && columns > 1 && matrix.columnStride() != 1)
        || (columns == 1 && rows > 1 && matrix.rowStride() != 1);
  }

  /** The matrix itself, or where its copy is to lie if one {@linkplain #isNeeded is needed}. */
  Gemm.Matrix of(Gemm.Matrix matrix, int rows, int columns) {
    if (!isNeeded(matrix, rows, columns)) {
      return matrix;
    }
    long bytes = (long) rows * columns * matrix.type().bytes();
    if (memory == null || memory.byteSize() < bytes) {
      close();
      memory = new HostBuffer("row or column of a product", bytes);
    }
    return new Gemm.Matrix(memory.segment(), 0, matrix.type(), columns, 1);
  }

  /** Copies all elements, of which there are one row or one column. */
  static void copy(Gemm.Matrix from, Gemm.Matrix to, int rows, int columns) {
    long fromStep = rows == 1 ? from.columnStride() : from.rowStride();
    long toStep = rows == 1 ? to.columnStride() : to.rowStride();
    MemorySegment source = from.memory().asSlice(from.offset());
    MemorySegment target = to.memory().asSlice(to.offset());
    for (long i = 0; i < (long) rows * columns; i++) {
      if (from.type() == DType.BF16) {
        target.setAtIndex(ValueLayout.JAVA_SHORT, i * toStep, source.getAtIndex(ValueLayout.JAVA_SHORT, i * fromStep));
      } else {
        target.setAtIndex(ValueLayout.JAVA_INT, i * toStep, source.getAtIndex(ValueLayout.JAVA_INT, i * fromStep));
      }
    }
  }

  void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
