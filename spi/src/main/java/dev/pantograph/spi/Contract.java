package dev.pantograph.spi;

import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conditions kernels put on their operands. A breach names the kernel, the operand, what was found and what is
 * needed.
 */
final class Contract {
  private final String kernel;
  private final DType computed;

  /** Conditions of one kernel whose floating operands must be of the type that {@code first} is computed in. */
  Contract(String kernel, View first) {
    this.kernel = kernel;
    this.computed = first.type().computed();
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

  /** The operand is of the type the kernel computes in. */
  Contract type(String name, View view) {
    if (view.type() != computed) {
      throw breach("%s is %s, needed type %s, which this kernel computes in".formatted(name, view, computed));
    }
    return this;
  }

  /** The operand is of the type the kernel computes in, or stored in a shorter one. */
  Contract stored(String name, View view) {
    if (view.type().computed() != computed) {
      throw breach("%s is %s, needed type %s, which this kernel computes in%s".formatted(
          name, view, computed, computed == DType.F32 ? ", or BF16" : ""));
    }
    return this;
  }

  /** The operand has exactly this shape, and the type the kernel computes in or a shorter one. */
  Contract stored(String name, View view, Shape shape) {
    if (!view.shape().equals(shape)) {
      throw breach("%s is %s, needed shape %s".formatted(name, view, shape));
    }
    return stored(name, view);
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

  /** Begins the conditions on where a written operand may lie. An absent operand, on either side, meets nothing. */
  Written written(String name, @Nullable View view) {
    return new Written(name, view);
  }

  /** An operand that is written, and what it must not meet. */
  final class Written {
    private final String name;
    private final @Nullable View view;

    private Written(String name, @Nullable View view) {
      this.name = name;
      this.view = view;
    }

    /** Their memory ranges do not meet. */
    Written apartFrom(String otherName, @Nullable View other) {
      if (view != null && other != null && view.overlaps(other)) {
        throw overlap(name, view, otherName, other);
      }
      return this;
    }

    /** It is the other operand itself, or their memory ranges do not meet. */
    Written sameAsOrApartFrom(String otherName, View other) {
      return view != null && view.sameElementsAs(other) ? this : apartFrom(otherName, other);
    }

    /** They share no element; their memory ranges may interleave. */
    Written sharingNothingWith(String otherName, View other) {
      if (view != null && view.sharesElementsWith(other)) {
        throw overlap(name, view, otherName, other);
      }
      return this;
    }
  }

  /** A written operand meets none of the indices of a pattern. */
  Contract apartFromPattern(String name, View view, SparsePattern pattern) {
    Written written = written(name, view);
    pattern.operands().forEach(index -> written.apartFrom(index.name(), index.view()));
    return this;
  }

  /**
   * No written operand meets any other; all are contiguous. For kernels with lists of operands: it sorts instead of
   * comparing all pairs.
   */
  Contract writtenApart(List<Kernel.Operand> operands) {
    List<Kernel.Operand> byAddress = operands.stream()
        .filter(operand -> operand.view().elements() > 0)
        .sorted(Comparator.comparingLong(operand -> operand.view().byteOffset()))
        .toList();
    // In each buffer, the operand that reaches furthest among those that begin no later.
    Map<Buffer, Kernel.Operand> furthest = new IdentityHashMap<>();
    for (Kernel.Operand operand : byAddress) {
      Kernel.Operand other = furthest.get(operand.view().buffer());
      boolean bothRead =
          other != null && other.access() == Kernel.Access.READ && operand.access() == Kernel.Access.READ;
      if (other != null && !bothRead && other.view().overlaps(operand.view())) {
        throw overlap(other.name(), other.view(), operand.name(), operand.view());
      }
      if (other == null || operand.view().endByte() > other.view().endByte()) {
        furthest.put(operand.view().buffer(), operand);
      }
    }
    return this;
  }

  private KernelException overlap(String name, View view, String otherName, View other) {
    return breach("%s %s overlaps %s %s".formatted(name, view, otherName, other));
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
