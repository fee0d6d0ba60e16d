package dev.pantograph.spi;

/** A kernel's operands do not fit together, or a backend cannot run it. Thrown before anything is written. */
public final class KernelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public KernelException(String message) {
    super(message);
  }

  /** For a backend that does not serve an element type. */
  public static KernelException unsupportedType(String backend, Kernel kernel, View operand) {
    return new KernelException(
        "%s: backend '%s' does not compute in %s (operand %s); use another type or another backend"
            .formatted(kernel.name(), backend, operand.type(), operand));
  }
}
