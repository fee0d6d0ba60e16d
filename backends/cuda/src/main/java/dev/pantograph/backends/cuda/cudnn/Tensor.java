package dev.pantograph.backends.cuda.cudnn;

/**
 * What flows along an edge of a {@link Graph}.
 *
 * @param descriptor of the library
 * @param type of its elements
 * @param sizes of its dimensions
 */
record Tensor(Descriptor descriptor, TensorType type, Sizes sizes) {
  /** Four sizes: {@code [batch, heads, rows, columns]}. */
  record Sizes(long batch, long heads, long rows, long columns) {
    long[] toArray() {
      return new long[] {batch, heads, rows, columns};
    }

    /** Of a tensor that follows its rows one after the other. */
    Strides packed() {
      return new Strides(heads * rows * columns, rows * columns, columns, 1);
    }

    Sizes withColumns(long columns) {
      return new Sizes(batch, heads, rows, columns);
    }
  }

  /** Elements from one to the next, along the four dimensions. */
  record Strides(long batch, long heads, long rows, long columns) {
    long[] toArray() {
      return new long[] {batch, heads, rows, columns};
    }

    /** With rows and columns in each other's place. */
    Strides transposed() {
      return new Strides(batch, heads, columns, rows);
    }
  }
}
