package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;

/** The element type this backend computes in. */
final class Float32 {
  private Float32() {}

  /** Refuses a kernel whose operand, and with it every other floating operand, is of another type. */
  static void require(Kernel kernel, View operand) {
    if (operand.type() != DType.F32) {
      throw KernelException.unsupportedType(VectorBackendProvider.ID, kernel, operand);
    }
  }
}
