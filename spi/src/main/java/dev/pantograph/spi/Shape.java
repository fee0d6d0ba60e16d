package dev.pantograph.spi;

import java.util.Arrays;

/** The sizes of a tensor's dimensions, outermost first. Rank 0 is a scalar with one element. Immutable. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] sizes;
  private final long elements;

  private Shape(long[] sizes) {
    this.sizes = sizes;
    long product = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + ": sizes must not be negative");
      }
      product = Math.multiplyExact(product, size);
    }
    this.elements = product;
  }

  /**
   * A shape of the given sizes.
   *
   * @throws IllegalArgumentException if a size is negative
   * @throws ArithmeticException if the number of elements exceeds 2⁶³−1
   */
  public static Shape of(long... sizes) {
    return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
  }

  /** The shape of a single number. */
  public static Shape scalar() {
    return SCALAR;
  }

  public int rank() {
    return sizes.length;
  }

  /** Size of a dimension; negative indices count from the end, so {@code size(-1)} is the innermost. */
  public long size(int dimension) {
    int d = dimension < 0 ? sizes.length + dimension : dimension;
    if (d < 0 || d >= sizes.length) {
      throw new IllegalArgumentException(
          "shape %s has rank %d and no dimension %d".formatted(this, sizes.length, dimension));
    }
    return sizes[d];
  }

  /** Product of all sizes. */
  public long elements() {
    return elements;
  }

  /** Number of rows when every dimension but the last is folded into one; 1 for a scalar. */
  public long rows() {
    long product = 1;
    for (int d = 0; d < sizes.length - 1; d++) {
      product *= sizes[d];
    }
    return product;
  }

  /** Whether this shape equals the last dimensions of {@code other}. A scalar is a suffix of every shape. */
  public boolean isSuffixOf(Shape other) {
    int skip = other.sizes.length - sizes.length;
    return skip >= 0 && Arrays.equals(sizes, 0, sizes.length, other.sizes, skip, other.sizes.length);
  }

  public long[] toArray() {
    return sizes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
