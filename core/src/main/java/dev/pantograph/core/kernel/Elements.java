package dev.pantograph.core.kernel;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The elements of a view in host memory as doubles, which hold every F32, F64, BF16 and I32 exactly. */
public final class Elements {
  private final View view;
  private final MemorySegment memory;
  private final long origin;

  /**
   * @param memory what the view's buffer holds from byte {@code from} on
   */
  Elements(View view, MemorySegment memory, long from) {
    this.view = view;
    this.memory = memory;
    this.origin = view.offset() - from / view.type().bytes();
  }

  /** Elements that lie one after another in row-major order. */
  public static Elements packed(DType type, Shape shape, MemorySegment memory) {
    return new Elements(View.of(new AbsentBuffer("packed", memory.byteSize()), type, 0, shape), memory, 0);
  }

  public View view() {
    return view;
  }

  /** Number of elements. */
  public long count() {
    return view.elements();
  }

  /** The element at row-major position {@code i}. */
  public double get(long i) {
    return load(view.isContiguous() ? origin + i : origin + step(view, i));
  }

  /** The elements along the last dimension, of row {@code i} where the dimensions before it are folded into one. */
  public double[] row(long i) {
    double[] row = new double[Math.toIntExact(view.size(-1))];
    long first = origin + step(view, i * row.length);
    for (int j = 0; j < row.length; j++) {
      row[j] = load(first + j * view.stride(-1));
    }
    return row;
  }

  /** How far behind the first element of a view the one at row-major position {@code i} lies, in elements. */
  public static long step(View view, long i) {
    long step = 0;
    long rest = i;
    for (int d = view.rank() - 1; d >= 0; d--) {
      step += rest % view.size(d) * view.stride(d);
      rest /= view.size(d);
    }
    return step;
  }

  /** The index of row-major position {@code i}, one number for each dimension. */
  public long[] index(long i) {
    long[] index = new long[view.rank()];
    long rest = i;
    for (int d = index.length - 1; d >= 0; d--) {
      index[d] = rest % view.size(d);
      rest /= view.size(d);
    }
    return index;
  }

  private double load(long position) {
    return switch (view.type()) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, position);
      case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT, position);
      case BF16 -> Bfloat16.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, position));
    };
  }

  /** The elements one after another in row-major order, in the view's own type. */
  public MemorySegment packed() {
    int size = view.type().bytes();
    if (view.isContiguous()) {
      return memory.asSlice(origin * size, view.bytes());
    }
    MemorySegment packed = MemorySegment.ofArray(new byte[Math.toIntExact(view.bytes())]);
    long row = view.rank() > 0 && view.stride(-1) == 1 ? view.size(-1) : 1;
    for (long i = 0; i < count(); i += row) {
      MemorySegment.copy(memory, (origin + step(view, i)) * size, packed, i * size, row * size);
    }
    return packed;
  }

  /** Greatest magnitude; 0 if there is no element, NaN if one is. */
  public double greatest() {
    double greatest = 0;
    for (long i = 0; i < count(); i++) {
      greatest = Math.max(greatest, Math.abs(get(i)));
    }
    return greatest;
  }

  /**
   * Greatest Euclidean norm of the vectors that lie along one dimension.
   *
   * @param dimension negative counts from the end; a scalar is its own vector
   */
  public double greatestNorm(int dimension) {
    if (view.rank() == 0 || count() == 0) {
      return greatest();
    }
    long[] sizes = view.shape().toArray();
    int d = dimension < 0 ? sizes.length + dimension : dimension;
    long inner = Arrays.stream(sizes).skip(d + 1L).reduce(1, (a, b) -> a * b);
    double[] squares = new double[Math.toIntExact(inner)];
    double greatest = 0;
    for (long first = 0; first < count(); first += inner * sizes[d]) {
      Arrays.fill(squares, 0);
      for (long i = 0; i < sizes[d]; i++) {
        for (int j = 0; j < squares.length; j++) {
          double value = get(first + i * inner + j);
          squares[j] += value * value;
        }
      }
      for (double square : squares) {
        greatest = Math.max(greatest, Math.sqrt(square));
      }
    }
    return greatest;
  }
}
