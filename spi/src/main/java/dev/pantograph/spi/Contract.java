package dev.pantograph.spi;

import java.util.Arrays;

/** The conditions kernels put on their operands. A breach names the kernel, the operand, what was found and what is needed. */
final class Contract {
  private final String kernel;
  private final View first;

  /** Conditions of one kernel whose floating operands must share the type of {@code first}. */
  Contract(String kernel, View first) {
    this.kernel = kernel;
    this.first = first;
    if (!first.type().isFloating()) {
      throw breach("computes in floating-point types, found %s".formatted(first));
    }
  }

  /** The operand has the kernel's element type and exactly this shape. */
  Contract shape(String name, View view, long... sizes) {
    if (!Arrays.equals(view.shape().toArray(), sizes)) {
      throw breach("%s is %s, needed shape %s".formatted(name, view, Arrays.toString(sizes)));
    }
    return type(name, view);
  }

  /** The operand has the kernel's element type and this shape. */
  Contract shape(String name, View view, Shape shape) {
    if (!view.shape().equals(shape)) {
      throw breach("%s is %s, needed shape %s".formatted(name, view, shape));
    }
    return type(name, view);
  }

  Contract rank(String name, View view, int rank) {
    if (view.rank() != rank) {
      throw breach("%s is %s, needed rank %d".formatted(name, view, rank));
    }
    return this;
  }

  Contract type(String name, View view) {
    if (view.type() != first.type()) {
      throw breach("%s is %s, needed type %s like the first operand".formatted(name, view, first.type()));
    }
    return this;
  }

  /** Token indices: I32, contiguous, this shape. */
  Contract tokens(String name, View view, Shape shape) {
    if (view.type() != DType.I32 || !view.shape().equals(shape) || !view.isContiguous()) {
      throw breach("%s is %s, needed contiguous I32%s".formatted(name, view, shape));
    }
    return this;
  }

  Contract contiguous(String name, View view) {
    if (!view.isContiguous()) {
      throw breach("%s is %s, needed contiguous elements; copy it first".formatted(name, view));
    }
    return this;
  }

  /** The innermost dimension is without gaps. */
  Contract unitInnerStride(String name, View view) {
    if (view.rank() > 0 && view.size(-1) > 1 && view.stride(-1) != 1) {
      throw breach("%s is %s, needed stride 1 in the last dimension; copy it first".formatted(name, view));
    }
    return this;
  }

  Contract disjoint(String name, View written, String otherName, View other) {
    if (written.overlaps(other)) {
      throw breach("%s %s overlaps %s %s".formatted(name, written, otherName, other));
    }
    return this;
  }

  /** The written operand is either exactly the other one or does not meet it. */
  Contract sameOrDisjoint(String name, View written, String otherName, View other) {
    return written.sameElementsAs(other) ? this : disjoint(name, written, otherName, other);
  }

  Contract that(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw breach(message.formatted(arguments));
    }
    return this;
  }

  private KernelException breach(String message) {
    return new KernelException(kernel + ": " + message);
  }
}
