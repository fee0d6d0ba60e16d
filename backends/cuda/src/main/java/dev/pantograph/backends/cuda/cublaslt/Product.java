package dev.pantograph.backends.cuda.cublaslt;

/**
 * A matrix product with what follows it, {@code D = epilogue(α·op(A)·op(B) + β·C)}: all but the addresses. {@code C}
 * lies as {@code D} does, and may be it. Of two products that are equal, an algorithm found for one serves the other.
 *
 * @param compute how it is multiplied and summed
 * @param a first factor, as it lies in memory
 * @param transposeA whether that is the transpose of what is multiplied
 * @param b second factor, as it lies in memory
 * @param transposeB whether that is the transpose of what is multiplied
 * @param out result
 * @param batch how many products, each of one matrix of each batch
 * @param epilogue what follows the product
 * @param biasType of the vector of the epilogue
 * @param auxiliaryStride elements from one row to the next of the matrix of the epilogue; a multiple of 8
 */
public record Product(ComputeType compute, Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix out,
    int batch, Epilogue epilogue, ElementType biasType, long auxiliaryStride) {
  public Product {
    long rows = transposeA ? a.columns() : a.rows();
    long inner = transposeA ? a.rows() : a.columns();
    long innerB = transposeB ? b.columns() : b.rows();
    long columns = transposeB ? b.rows() : b.columns();
    if (inner != innerB || out.rows() != rows || out.columns() != columns || batch < 1) {
      throw new IllegalArgumentException("product of [%d, %d] and [%d, %d] into [%d, %d], %d times (expected: [m, k], "
          .formatted(rows, inner, innerB, columns, out.rows(), out.columns(), batch)
          + "[k, n], [m, n], at least once)");
    }
    if (epilogue.hasAuxiliary() && (auxiliaryStride < columns || auxiliaryStride % 8 != 0)) {
      throw new IllegalArgumentException(
          "product with %s: rows of the second matrix are %d apart (expected: a multiple of 8, at least %d)".formatted(
              epilogue, auxiliaryStride, columns));
    }
  }

  /** A product of single matrices, with nothing after it. */
  public static Product of(
      ComputeType compute, Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix out) {
    return new Product(compute, a, transposeA, b, transposeB, out, 1, Epilogue.DEFAULT, out.type(), out.stride());
  }

  /** The same, with something after it, whose second matrix, if there is one, lies as the result does. */
  public Product with(Epilogue epilogue, ElementType biasType) {
    return new Product(
        compute, a, transposeA, b, transposeB, out, batch, epilogue, biasType, auxiliaryStride);
  }

  /** The same, so many times. */
  public Product times(int batch) {
    return new Product(
        compute, a, transposeA, b, transposeB, out, batch, epilogue, biasType, auxiliaryStride);
  }
}
