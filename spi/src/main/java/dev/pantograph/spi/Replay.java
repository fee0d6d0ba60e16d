package dev.pantograph.spi;

/**
 * Kernels to be run again and again, in their order, on whatever their operands hold by then; see {@link
 * Backend#replay}. It belongs to the backend that made it and is closed before it.
 */
public interface Replay extends AutoCloseable {
  /**
   * Runs all kernels, as submitting one after the other does.
   *
   * @throws KernelException if one is refused for what its operands hold, such as a token outside the vocabulary
   * @throws IllegalStateException if an operand's buffer, or the backend, is closed
   */
  void run();

  /** Gives back what was kept for it. */
  @Override
  void close();
}
