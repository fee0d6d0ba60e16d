package dev.pantograph.spi;

import java.util.Arrays;

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
    long last = offset;
    for (int d = 0; d < strides.length; d++) {
      if (strides[d] < 0) {
        throw new IllegalArgumentException("view of '%s': strides %s must not be negative"
            .formatted(buffer.name(), Arrays.toString(strides)));
      }
      last += Math.max(shape.size(d) - 1, 0) * strides[d];
    }
    long capacity = buffer.byteSize() / type.bytes();
    if (offset < 0 || (shape.elements() > 0 && last >= capacity)) {
      throw new IllegalArgumentException(
          "view of '%s': shape %s at offset %d reaches element %d, but the buffer holds %d elements of %s"
              .formatted(buffer.name(), shape, offset, last, capacity, type));
    }
  }

  /** A row-major view of a whole region. */
  public static View of(Buffer buffer, DType type, long offset, Shape shape) {
    return new View(buffer, type, offset, shape, rowMajor(shape));
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
    return shape.size(dimension);
  }

  /** Step of a dimension in elements; negative dimensions count from the end. */
  public long stride(int dimension) {
    return strides[dimension < 0 ? strides.length + dimension : dimension];
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
    int[] order = new int[rank()];
    Arrays.setAll(order, d -> d);
    order[rank() - 1] = rank() - 2;
    order[rank() - 2] = rank() - 1;
    return permute(order);
  }

  /** Dimensions reordered: dimension d of the result is dimension {@code order[d]} of this view. */
  public View permute(int... order) {
    long[] sizes = new long[order.length];
    long[] newStrides = new long[order.length];
    for (int d = 0; d < order.length; d++) {
      sizes[d] = shape.size(order[d]);
      newStrides[d] = strides[order[d]];
    }
    return new View(buffer, type, offset, Shape.of(sizes), newStrides);
  }

  /** The part {@code [from, from + length)} of one dimension. */
  public View slice(int dimension, long from, long length) {
    int d = dimension < 0 ? rank() + dimension : dimension;
    if (from < 0 || length < 0 || from + length > shape.size(d)) {
      throw new IllegalArgumentException(
          "%s has no elements [%d, %d) in dimension %d".formatted(this, from, from + length, d));
    }
    long[] sizes = shape.toArray();
    sizes[d] = length;
    return new View(buffer, type, offset + from * strides[d], Shape.of(sizes), strides);
  }

  /** One dimension split in two: size {@code n} becomes {@code [outer, n / outer]}. Needs divisibility; no data moves. */
  public View split(int dimension, long outer) {
    int d = dimension < 0 ? rank() + dimension : dimension;
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

  private long endByte() {
    long last = offset;
    for (int d = 0; d < strides.length; d++) {
      last += (shape.size(d) - 1) * strides[d];
    }
    return (last + 1) * type.bytes();
  }

  @Override
  public String toString() {
    return "'%s' %s%s%s".formatted(buffer.name(), type, shape,
        contiguous ? "" : " strides " + Arrays.toString(strides));
  }
}
