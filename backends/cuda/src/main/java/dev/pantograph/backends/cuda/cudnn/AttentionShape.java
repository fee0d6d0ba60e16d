package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.cudnn.Tensor.Sizes;

/**
 * Causal attention with as many heads of keys as of queries. Element {@code [b, h, t, d]} of a tensor lies at
 * {@code b·batch + h·head + t·time + d} of its {@link Strides}; so a slice of what one product computed for queries,
 * keys and values together needs no copy.
 *
 * @param type of queries, keys, values, result and their gradients
 * @param batch sequences
 * @param heads of each sequence
 * @param time positions
 * @param headDim channels of a head: a multiple of 8, at most 256
 * @param scale factor of the products of queries and keys
 */
public record AttentionShape(TensorType type, int batch, int heads, int time, int headDim, float scale) {
  private static final int MOST_HEAD_DIM = 256;

  /** Elements from one sequence, head or position to the next. */
  public record Strides(long batch, long head, long time) {
    /** Of {@code [batch, time, heads, headDim]} in rows of {@code row} elements. */
    public static Strides ofRows(AttentionShape shape, long row) {
      return new Strides(shape.time() * row, shape.headDim(), row);
    }

    Tensor.Strides rows() {
      return new Tensor.Strides(batch, head, time, 1);
    }
  }

  public AttentionShape {
    if (batch < 1 || heads < 1 || time < 1 || headDim < 8 || headDim % 8 != 0 || headDim > MOST_HEAD_DIM) {
      throw new IllegalArgumentException("attention of %d sequences, %d heads, %d positions, head dim %d (expected: at "
          .formatted(batch, heads, time, headDim) + "least one of each, head dim a multiple of 8 up to 256)");
    }
  }

  Sizes perChannel() {
    return new Sizes(batch, heads, time, headDim);
  }

  Sizes transposed() {
    return new Sizes(batch, heads, headDim, time);
  }

  Sizes perPosition() {
    return new Sizes(batch, heads, time, 1);
  }
}
