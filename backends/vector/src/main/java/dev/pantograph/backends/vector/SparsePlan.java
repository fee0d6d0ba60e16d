package dev.pantograph.backends.vector;

import dev.pantograph.spi.SparsePattern;
import java.util.Locale;

/**
 * How the products of a sparse weight are run: a function of its size and density alone.
 *
 * @param width columns of a block; 0 for a dense product with the weight's zeros
 * @param density of the weight
 * @param sparseUpTo density above which the product is dense
 */
record SparsePlan(int width, double density, double sparseUpTo) {
  /**
   * Density above which a dense product is faster: a non-zero takes a load for each multiply-add, of which a register
   * tile does two in the time of a load.
   */
  private static final double DENSE_PRODUCT = 0.5;

  /** The same for the sampled product, which also adds up the lanes of a vector for each non-zero. */
  private static final double DENSE_SAMPLED_PRODUCT = 0.4;

  /**
   * Columns of a block, by choice. The tile of the first stays in a first-level cache, half of that of the second, and
   * those of the others in a second-level one.
   */
  private static final int[] WIDTHS = {64, 128, 256, 1024};

  /** Non-zeros that a row should have in a block: with fewer, a visit is mostly loading and storing its sums. */
  private static final int WORTH_A_VISIT = 12;

  static SparsePlan ofProduct(SparsePattern pattern) {
    return of(pattern.density(), DENSE_PRODUCT);
  }

  static SparsePlan ofSampledProduct(SparsePattern pattern) {
    return of(pattern.density(), DENSE_SAMPLED_PRODUCT);
  }

  private static SparsePlan of(double density, double sparseUpTo) {
    if (density > sparseUpTo) {
      return new SparsePlan(0, density, sparseUpTo);
    }
    int width = WIDTHS[WIDTHS.length - 1];
    for (int i = WIDTHS.length - 2; i >= 0; i--) {
      if (density * WIDTHS[i] >= WORTH_A_VISIT) {
        width = WIDTHS[i];
      }
    }
    return new SparsePlan(width, density, sparseUpTo);
  }

  boolean isDense() {
    return width == 0;
  }

  /** Why it is this way, in numbers of this weight. */
  String reason() {
    return isDense()
        ? String.format(Locale.ROOT, "dense, for %.3f of the weights are there, more than %.2f", density, sparseUpTo)
        : String.format(Locale.ROOT, "sparse in blocks of %d columns, of which a row has %.1f", width, density * width);
  }
}
