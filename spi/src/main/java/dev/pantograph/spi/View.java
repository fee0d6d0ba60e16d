package dev.pantograph.spi;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A kernel's operand: a typed, shaped, strided window on a {@link Buffer}. Immutable; it borrows the buffer and never
 * closes it. Offset and strides are counted in elements; the element at index (i₀, …, iₙ) lies at
 * {@code offset + Σ iₖ·strideₖ}.
 */
public final class View {
  private final Buffer buffer;
  private final DType type;
  private final long offset;
  private final Shape shape;
  private final long[] strides;
  private final boolean contiguous;

  private View(Buffer buffer, DType type, long offset, Shape shape, long[] strides) {
    this.buffer = buffer;
    this.type = type;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    this.contiguous = isRowMajor(shape, strides);
    long capacity = buffer.byteSize() / type.bytes();
    // Compared by subtraction: offset + span may exceed what a long holds.
    if (offset < 0 || offset > capacity || span() > capacity - offset) {
      throw new IllegalArgumentException(
          "view of '%s': shape %s spans %d elements from offset %d on, but the buffer holds %d elements of %s"
              .formatted(buffer.name(), shape, span(), offset, capacity, type));
    }
  }

  /**
   * Elements of the buffer from this view's first to its last, both included. It cannot overflow: a row-major span is
   * the number of elements, which {@link Shape} has counted exactly, and every other view is a part of such a one.
   */
  private long span() {
    if (shape.elements() == 0) {
      return 0;
    }
    long span = 1;
    for (int d = 0; d < strides.length; d++) {
      span += (shape.size(d) - 1) * strides[d];
    }
    return span;
  }

  /** A row-major view of a whole region. */
  public static View of(Buffer buffer, DType type, long offset, Shape shape) {
    return new View(buffer, type, offset, shape, rowMajor(shape));
  }

  /**
   * A view as its description says, such as one that was written to a file: of the given strides, in elements. They
   * must be nested, as those of every part of a row-major view are: one step along a dimension leads past all elements
   * that the dimensions of smaller stride reach.
   *
   * @throws IllegalArgumentException if they are not, if there are not as many as dimensions, or if elements lie
   *     outside the buffer
   */
  public static View strided(Buffer buffer, DType type, long offset, Shape shape, long... strides) {
    if (strides.length != shape.rank() || (shape.elements() > 0 && !areNested(shape, strides, buffer.byteSize()))) {
      throw new IllegalArgumentException(
          "view of '%s': shape %s with strides %s (expected: one for each dimension, each past what the smaller reach)"
              .formatted(buffer.name(), shape, Arrays.toString(strides)));
    }
    return new View(buffer, type, offset, shape, strides.clone());
  }

  /** No sum here can overflow: what reaches further than {@code limit} is none of the buffer's. */
  private static boolean areNested(Shape shape, long[] strides, long limit) {
    int[] byStride = IntStream.range(0, strides.length).filter(d -> shape.size(d) > 1).boxed()
        .sorted(Comparator.comparingLong(d -> strides[d])).mapToInt(Integer::intValue).toArray();
    long reached = 0;
    for (int d : byStride) {
      if (strides[d] <= reached || shape.size(d) - 1 > (limit - reached) / strides[d]) {
        return false;
      }
      reached += (shape.size(d) - 1) * strides[d];
    }
    return true;
  }

  private static long[] rowMajor(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= shape.size(d);
    }
    return strides;
  }

  private static boolean isRowMajor(Shape shape, long[] strides) {
    long stride = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      if (shape.size(d) != 1 && strides[d] != stride) {
        return false;
      }
      stride *= shape.size(d);
    }
    return true;
  }

  public Buffer buffer() {
    return buffer;
  }

  public DType type() {
    return type;
  }

  /** Index of the first element within the buffer, in elements. */
  public long offset() {
    return offset;
  }

  /** Position of the first element within the buffer, in bytes. */
  public long byteOffset() {
    return offset * type.bytes();
  }

  public Shape shape() {
    return shape;
  }

  public int rank() {
    return shape.rank();
  }

  /** Size of a dimension; negative counts from the end. */
  public long size(int dimension) {
    return shape.size(fromFront(dimension));
  }

  /** Step of a dimension in elements; negative dimensions count from the end. */
  public long stride(int dimension) {
    return strides[fromFront(dimension)];
  }

  /** Steps of all dimensions, in elements. */
  public long[] strides() {
    return strides.clone();
  }

  private int fromFront(int dimension) {
    int d = dimension < 0 ? rank() + dimension : dimension;
    if (d < 0 || d >= rank()) {
      throw new IllegalArgumentException("%s has rank %d and no dimension %d".formatted(this, rank(), dimension));
    }
    return d;
  }

  public long elements() {
    return shape.elements();
  }

  /** Bytes the elements themselves take. */
  public long bytes() {
    return shape.elements() * type.bytes();
  }

  /** Whether the elements lie in row-major order without gaps. */
  public boolean isContiguous() {
    return contiguous;
  }

  /** The same elements under another shape. Needs a contiguous view and as many elements. */
  public View reshape(Shape newShape) {
    if (!contiguous || newShape.elements() != shape.elements()) {
      throw new IllegalArgumentException("%s cannot be seen as %s: %s".formatted(this, newShape,
          contiguous ? "the numbers of elements differ" : "its elements are not contiguous; copy it first"));
    }
    return of(buffer, type, offset, newShape);
  }

  /** The matrix transpose: the last two dimensions exchanged. No data moves. */
  public View transpose() {
    if (rank() < 2) {
      throw new IllegalArgumentException("%s has rank %d, needed at least 2 to transpose".formatted(this, rank()));
    }
    int[] order = new int[rank()];
    Arrays.setAll(order, d -> d);
    order[rank() - 1] = rank() - 2;
    order[rank() - 2] = rank() - 1;
    return permute(order);
  }

  /** Dimensions reordered: dimension d of the result is dimension {@code order[d]} of this view. */
  public View permute(int... order) {
    if (!isPermutation(order)) {
      throw new IllegalArgumentException("%s has rank %d: %s does not name each of its dimensions once"
          .formatted(this, rank(), Arrays.toString(order)));
    }
    long[] sizes = new long[order.length];
    long[] newStrides = new long[order.length];
    for (int d = 0; d < order.length; d++) {
      sizes[d] = shape.size(order[d]);
      newStrides[d] = strides[order[d]];
    }
    return new View(buffer, type, offset, Shape.of(sizes), newStrides);
  }

  private boolean isPermutation(int[] order) {
    boolean[] named = new boolean[rank()];
    for (int d : order) {
      if (d < 0 || d >= named.length || named[d]) {
        return false;
      }
      named[d] = true;
    }
    return order.length == named.length;
  }

  /** The part {@code [from, from + length)} of one dimension. */
  public View slice(int dimension, long from, long length) {
    int d = fromFront(dimension);
    if (from < 0 || length < 0 || length > shape.size(d) - from) {
      throw new IllegalArgumentException(
          "%s: dimension %d has no %d elements from %d on".formatted(this, d, length, from));
    }
    long[] sizes = shape.toArray();
    sizes[d] = length;
    Shape part = Shape.of(sizes);
    // An empty part has no first element to find, and the search could leave the buffer.
    long start = part.elements() == 0 ? offset : offset + from * strides[d];
    return new View(buffer, type, start, part, strides);
  }

  /**
   * One dimension split in two: size {@code n} becomes {@code [outer, n / outer]}. Needs divisibility; no data moves.
   */
  public View split(int dimension, long outer) {
    int d = fromFront(dimension);
    if (outer <= 0 || shape.size(d) % outer != 0) {
      throw new IllegalArgumentException("%s: dimension %d cannot be split into %d parts".formatted(this, d, outer));
    }
    long inner = shape.size(d) / outer;
    long[] sizes = new long[rank() + 1];
    long[] newStrides = new long[rank() + 1];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = i < d ? shape.size(i) : i == d ? outer : i == d + 1 ? inner : shape.size(i - 1);
      newStrides[i] = i < d ? strides[i] : i == d ? inner * strides[d] : strides[i - 1];
    }
    return new View(buffer, type, offset, Shape.of(sizes), newStrides);
  }

  /** Whether both views are the same elements in the same arrangement. */
  public boolean sameElementsAs(View other) {
    return buffer == other.buffer && type == other.type && offset == other.offset && shape.equals(other.shape)
        && Arrays.equals(strides, other.strides);
  }

  /** Whether the memory ranges spanned by the two views meet. Interleaved views count as meeting. */
  public boolean overlaps(View other) {
    return buffer == other.buffer && elements() > 0 && other.elements() > 0
        && byteOffset() < other.endByte() && other.byteOffset() < endByte();
  }

  /**
   * Whether some element belongs to both views. Exact for two views of one shape and the same strides, such as the
   * slices of an interleaved buffer; others count as sharing an element where they overlap.
   */
  public boolean sharesElementsWith(View other) {
    if (!overlaps(other)) {
      return false;
    }
    if (type != other.type || !shape.equals(other.shape) || !Arrays.equals(strides, other.strides)) {
      return true;
    }
    return isStep(Math.abs(other.offset - offset), Long.MAX_VALUE);
  }

  /**
   * Whether two elements of this view lie {@code distance} apart by steps along dimensions of strides below
   * {@code bound}. The strides are nested: one step along a dimension is longer than all steps along those of smaller
   * stride together. So only the two multiples of the largest stride next to the distance leave a rest these can cover.
   */
  private boolean isStep(long distance, long bound) {
    int outer = -1;
    for (int d = 0; d < strides.length; d++) {
      if (shape.size(d) > 1 && strides[d] < bound && (outer < 0 || strides[d] > strides[outer])) {
        outer = d;
      }
    }
    if (outer < 0) {
      return distance == 0;
    }
    long stride = strides[outer];
    long steps = distance / stride;
    long rest = distance % stride;
    return (steps < shape.size(outer) && isStep(rest, stride))
        || (steps + 1 < shape.size(outer) && isStep(stride - rest, stride));
  }

  /** Position behind the last element within the buffer, in bytes. */
  public long endByte() {
    return (offset + span()) * type.bytes();
  }

  @Override
  public String toString() {
    return "'%s' %s%s%s".formatted(buffer.name(), type, shape,
        contiguous ? "" : " strides " + Arrays.toString(strides));
  }
}
