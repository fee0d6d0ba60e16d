package dev.pantograph.backends.cuda.cublaslt;

/**
 * How a matrix lies in memory, row after row; or a batch of such matrices.
 *
 * @param type of its elements
 * @param rows of each matrix
 * @param columns of each matrix
 * @param stride elements from one row to the next
 * @param batchStride elements from one matrix to the next; of no meaning in a batch of one
 */
public record Matrix(ElementType type, long rows, long columns, long stride, long batchStride) {
  public Matrix {
    if (rows < 1 || columns < 1 || stride < columns) {
      throw new IllegalArgumentException("matrix: %d rows of %d elements, %d apart (expected: at least one of each, "
          .formatted(rows, columns, stride) + "rows that do not overlap)");
    }
  }

  /** A matrix whose rows follow each other. */
  public static Matrix of(ElementType type, long rows, long columns) {
    return new Matrix(type, rows, columns, columns, rows * columns);
  }
}
