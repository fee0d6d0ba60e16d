package dev.pantograph.spi;

/**
 * Bytes on their way from a backend to host memory; see {@link Backend#readBack}. It needs no closing: one that is
 * never awaited costs nothing but that its target may or may not be filled.
 */
public interface Readback {
  /** The bytes are there. */
  Readback DONE = new Readback() {
    @Override
    public boolean isDone() {
      return true;
    }

    @Override
    public void await() {}
  };

  /**
   * Whether the bytes are there already, as on a backend whose kernels are done when they have been submitted. False
   * where only {@link #await} can tell.
   */
  boolean isDone();

  /**
   * Returns when the target is filled; at once if it was awaited before.
   *
   * @throws IllegalStateException if the backend was closed before the bytes came
   */
  void await();
}
