package dev.pantograph.jmh;

/** An implementation of the float32 matrix product, to be timed beside others in one process. */
interface MatMulPeer extends AutoCloseable {

  /** Column of the table. */
  String name();

  /** Version, and what it says of the kernels it chose on this machine. */
  String details();

  /** Makes ready what the product needs beside the operands, and sets the number of threads. */
  Prepared prepare(MatMulOperands operands);

  @Override
  void close();

  /** A product that can be computed again and again. */
  interface Prepared extends AutoCloseable {
    /** Computes it once. */
    void multiply();

    /** Copies the result into {@link MatMulOperands#c} if it is not there already. */
    void storeResult();

    @Override
    void close();
  }
}
