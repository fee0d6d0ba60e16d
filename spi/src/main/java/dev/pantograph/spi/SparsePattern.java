package dev.pantograph.spi;

import java.util.List;

/**
 * Where the non-zeros of a weight {@code [rows, columns]} are, in a backend's memory: by rows as compressed sparse rows
 * and by columns, each with the other's order. The weight's values are apart, {@code [nonZeros]} by rows, so that
 * parameter, gradient and moments take memory in proportion to the density. {@link SparseIndices} makes patterns and
 * has checked their indices.
 *
 * <p>Non-zeros are numbered by rows and, within a row, by rising columns. Row r has the numbers
 * {@code rowOffsets[r] … rowOffsets[r + 1] − 1}. Place p of column c's run {@code columnOffsets[c] …
 * columnOffsets[c + 1] − 1} is the non-zero of number {@code positions[p]}, in row {@code rowIndices[p]}; rows rise
 * within a run.
 *
 * <p>The indices never change: another topology is another pattern on other views. So a backend may keep what it
 * derives from a pattern for as long as the views are reachable.
 *
 * @param rowOffsets I32 {@code [rows + 1]}, contiguous
 * @param columnIndices column of each non-zero, I32 {@code [nonZeros]}, contiguous
 * @param columnOffsets I32 {@code [columns + 1]}, contiguous
 * @param rowIndices I32 {@code [nonZeros]}, contiguous
 * @param positions I32 {@code [nonZeros]}, contiguous
 */
public record SparsePattern(
    View rowOffsets, View columnIndices, View columnOffsets, View rowIndices, View positions) {

  public SparsePattern {
    require("rowOffsets", rowOffsets);
    require("columnIndices", columnIndices);
    require("columnOffsets", columnOffsets);
    require("rowIndices", rowIndices);
    require("positions", positions);
    if (rowOffsets.elements() < 1 || columnOffsets.elements() < 1) {
      throw new KernelException("SparsePattern: rowOffsets %s and columnOffsets %s, needed one element more than rows "
          .formatted(rowOffsets, columnOffsets) + "and columns");
    }
    if (rowIndices.elements() != columnIndices.elements() || positions.elements() != columnIndices.elements()) {
      throw new KernelException("SparsePattern: columnIndices %s, rowIndices %s, positions %s: needed the same size"
          .formatted(columnIndices, rowIndices, positions));
    }
  }

  private static void require(String name, View view) {
    if (view.type() != DType.I32 || view.rank() != 1 || !view.isContiguous()) {
      throw new KernelException(
          "SparsePattern: %s is %s, needed contiguous I32 of rank 1; see SparseIndices".formatted(name, view));
    }
  }

  /** Rows of the weight: fan-out of the layer. */
  public long rows() {
    return rowOffsets.elements() - 1;
  }

  /** Columns of the weight: fan-in of the layer. */
  public long columns() {
    return columnOffsets.elements() - 1;
  }

  /** Number of weights there are. */
  public long nonZeros() {
    return columnIndices.elements();
  }

  /** Share of the weights there are; 1 for a weight without elements. */
  public double density() {
    return rows() * columns() == 0 ? 1 : (double) nonZeros() / (rows() * columns());
  }

  /** The indices as operands of a kernel. */
  List<Kernel.Operand> operands() {
    return List.of(Kernel.Operand.read("rowOffsets", rowOffsets), Kernel.Operand.read("columnIndices", columnIndices),
        Kernel.Operand.read("columnOffsets", columnOffsets), Kernel.Operand.read("rowIndices", rowIndices),
        Kernel.Operand.read("positions", positions));
  }

  /** Bytes of all indices. */
  public long bytes() {
    return traversalBytes() + columnOffsets.bytes() + rowIndices.bytes() + positions.bytes();
  }

  /** Bytes of the traversal by rows, the least that a product must read of the pattern. */
  long traversalBytes() {
    return rowOffsets.bytes() + columnIndices.bytes();
  }

  @Override
  public String toString() {
    return "pattern [%d, %d] of %d non-zeros".formatted(rows(), columns(), nonZeros());
  }
}
