package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** In which arrangements a kernel's contract allows an operand's elements to lie. */
public enum Layout {
  /** Row-major without gaps. */
  CONTIGUOUS {
    @Override
    Arrangement arrange(long[] sizes, SplittableRandom random) {
      return contiguous(sizes);
    }
  },
  /** Stride 1 in the last dimension, gaps between rows. */
  ROWS {
    @Override
    Arrangement arrange(long[] sizes, SplittableRandom random) {
      return rowsWithGaps(sizes, random);
    }
  },
  /** Stride 1 in one of the last two dimensions, gaps between rows or columns. */
  MATRIX {
    @Override
    Arrangement arrange(long[] sizes, SplittableRandom random) {
      return random.nextBoolean() ? rowsWithGaps(sizes, random) : transposed(sizes, random);
    }
  },
  /** {@code [B, H, T, D]} as a transformer has it: heads side by side in the rows of a wider matrix. */
  HEADS {
    @Override
    Arrangement arrange(long[] sizes, SplittableRandom random) {
      long heads = sizes[1];
      if (heads == 0 || random.nextInt(4) == 0) {
        return rowsWithGaps(sizes, random);
      }
      long width = heads * sizes[3];
      long[] packed = {sizes[0], sizes[2], 3 * width};
      long part = random.nextInt(3);
      return new Arrangement(packed, whole -> whole.slice(2, part * width, width).split(2, heads).permute(0, 2, 1, 3));
    }
  },
  /** Any strides. */
  ANY {
    @Override
    Arrangement arrange(long[] sizes, SplittableRandom random) {
      return sizes.length >= 2 && random.nextBoolean() ? transposed(sizes, random) : columnsWithGaps(sizes, random);
    }
  };

  /** A row-major region and the part of it that is the operand. */
  record Arrangement(long[] enclosing, UnaryOperator<View> window) {
    View of(View region) {
      return window.apply(region.reshape(Shape.of(enclosing)));
    }
  }

  abstract Arrangement arrange(long[] sizes, SplittableRandom random);

  static Arrangement contiguous(long[] sizes) {
    return new Arrangement(sizes.clone(), whole -> whole);
  }

  /** Rows of a batch may lie between each other. */
  private static Arrangement rowsWithGaps(long[] sizes, SplittableRandom random) {
    if (sizes.length == 0) {
      return contiguous(sizes);
    }
    int rank = sizes.length;
    if (rank < 3 || random.nextBoolean()) {
      return gap(sizes, rank - 1, random);
    }
    long[] interleaved = sizes.clone();
    interleaved[rank - 3] = sizes[rank - 2];
    interleaved[rank - 2] = sizes[rank - 3];
    int[] order = IntStream.range(0, rank).toArray();
    order[rank - 3] = rank - 2;
    order[rank - 2] = rank - 3;
    Arrangement rows = gap(interleaved, rank - 1, random);
    return new Arrangement(rows.enclosing(), whole -> rows.window().apply(whole).permute(order));
  }

  private static Arrangement columnsWithGaps(long[] sizes, SplittableRandom random) {
    return sizes.length == 0 ? contiguous(sizes) : gap(sizes, random.nextInt(sizes.length), random);
  }

  /** The operand is a slice of a dimension that is larger by a few on either side. */
  private static Arrangement gap(long[] sizes, int dimension, SplittableRandom random) {
    long[] enclosing = sizes.clone();
    long before = random.nextInt(3);
    enclosing[dimension] += before + 1 + random.nextInt(4);
    return new Arrangement(enclosing, whole -> whole.slice(dimension, before, sizes[dimension]));
  }

  private static Arrangement transposed(long[] sizes, SplittableRandom random) {
    long[] exchanged = sizes.clone();
    exchanged[sizes.length - 1] = sizes[sizes.length - 2];
    exchanged[sizes.length - 2] = sizes[sizes.length - 1];
    Arrangement rows = rowsWithGaps(exchanged, random);
    return new Arrangement(rows.enclosing(), whole -> rows.window().apply(whole).transpose());
  }
}
