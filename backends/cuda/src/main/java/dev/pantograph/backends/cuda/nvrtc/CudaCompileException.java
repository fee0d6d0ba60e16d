package dev.pantograph.backends.cuda.nvrtc;

/** CUDA C++ does not compile. The message names file and options and holds what the compiler said. */
public final class CudaCompileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CudaCompileException(String message) {
    super(message);
  }
}
