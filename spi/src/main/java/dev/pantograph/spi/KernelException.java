package dev.pantograph.spi;

import java.util.Arrays;

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

  /**
   * For a token index outside {@code [0, vocabulary)}.
   *
   * @param operand name of the operand in the kernel's formula
   * @param position row-major position of the index in the operand
   */
  public static KernelException outsideVocabulary(
      Kernel kernel, String operand, View tokens, long position, int found, long vocabulary) {
    return new KernelException("%s: %s%s is %d in %s, needed an index in [0, %d)"
        .formatted(kernel.name(), operand, place(position, tokens), found, tokens, vocabulary));
  }

  private static String place(long position, View view) {
    long[] index = new long[view.rank()];
    long rest = position;
    for (int d = index.length - 1; d >= 0; d--) {
      index[d] = rest % view.size(d);
      rest /= view.size(d);
    }
    return Arrays.toString(index);
  }
}
