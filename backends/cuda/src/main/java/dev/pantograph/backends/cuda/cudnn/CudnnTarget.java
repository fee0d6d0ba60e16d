package dev.pantograph.backends.cuda.cudnn;

/** For what plans are made. */
public sealed interface CudnnTarget {
  /**
   * The device of a handle.
   *
   * @param handle of {@link Cudnn#create}
   */
  record Present(long handle) implements CudnnTarget {}

  /**
   * A device that need not be there, since cuDNN 9.8.
   *
   * @param properties in JSON, as the library writes them
   */
  record Described(String properties) implements CudnnTarget {}
}
