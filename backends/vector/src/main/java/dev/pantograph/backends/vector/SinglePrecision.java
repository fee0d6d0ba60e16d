package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;

/** The one element type of these kernels. */
final class SinglePrecision {
  private SinglePrecision() {}

  /** Refuses any other type. One operand stands for all: a kernel has checked that their types agree. */
  static void require(Kernel kernel, View operand) {
    if (operand.type() != DType.F32) {
      throw KernelException.unsupportedType(VectorBackendProvider.ID, kernel, operand);
    }
  }
}
