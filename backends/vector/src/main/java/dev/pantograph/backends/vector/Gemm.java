package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;

/**
 * General matrix multiplication, {@code out = α·a·b + β·out}, as a library offers it. {@link VectorBackend#withProducts}
 * cuts every {@link dev.pantograph.spi.MatMul} into blocks by its shape alone and calls this for each of them, from as
 * many threads at once as the backend has: so an implementation works on the calling thread only, and results have the
 * same bits for any number of threads.
 */
public interface Gemm extends AutoCloseable {
  /**
   * A matrix in host memory.
   *
   * @param memory what it lies in
   * @param offset position of its first element, in bytes
   * @param type of its elements
   * @param rowStride from a row to the next, in elements
   * @param columnStride from a column to the next, in elements; one of the two strides is 1, unless a size is
   */
  record Matrix(MemorySegment memory, long offset, DType type, long rowStride, long columnStride) {}

  /** Whether it multiplies factors of one type to a result of the other. Sums are float32 in any case. */
  boolean multiplies(DType factors, DType result);

  /**
   * Computes {@code out = α·a·b + β·out} on the calling thread. The caller keeps the memory of all three from being
   * released, so that addresses may be handed on. With β = 0, {@code out} need not be initialised.
   *
   * @param worker number of the calling thread among the backend's
   * @param m rows of {@code out} and {@code a}, at least 1
   * @param n columns of {@code out} and {@code b}, at least 1
   * @param k columns of {@code a}, rows of {@code b}, at least 1
   * @param alpha not 0
   * @param out column stride 1
   */
  void multiply(int worker, int m, int n, int k, double alpha, Matrix a, Matrix b, double beta, Matrix out);

  /** Releases what it holds; no call is running. */
  @Override
  void close();
}
