package dev.pantograph.backends.reference;

import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;

/** The products of a sparse weight, one non-zero after another. */
final class ReferenceSparseMatMul {
  private ReferenceSparseMatMul() {}

  /** What is done with a non-zero. */
  private interface Visit {
    void nonZero(long number, long row, long column);
  }

  private static void forEach(SparsePattern pattern, Visit visit) {
    Elements offsets = Elements.of(pattern.rowOffsets());
    Elements columns = Elements.of(pattern.columnIndices());
    for (long row = 0; row < pattern.rows(); row++) {
      for (long i = (long) offsets.get(row); i < (long) offsets.get(row + 1); i++) {
        visit.nonZero(i, row, (long) columns.get(i));
      }
    }
  }

  /** {@code out[t] = α·(Σᵢ x[t, fromᵢ]·w[i] + bias) + β·c[t]}, each i adding to column toᵢ. */
  static void run(SparseMatMul kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    Elements values = Elements.of(kernel.values());
    Elements bias = Elements.ofNullable(kernel.bias());
    Elements c = Elements.ofNullable(kernel.c());
    double[] sums = new double[Math.toIntExact(kernel.out().size(1))];
    for (long t = 0; t < kernel.tokens(); t++) {
      long token = t;
      for (int j = 0; j < sums.length; j++) {
        sums[j] = bias == null ? 0 : bias.get(j);
      }
      forEach(kernel.pattern(), (i, row, column) -> {
        if (kernel.transposed()) {
          sums[(int) row] += x.get(token, column) * values.get(i);
        } else {
          sums[(int) column] += x.get(token, row) * values.get(i);
        }
      });
      for (int j = 0; j < sums.length; j++) {
        out.set(t, j, kernel.alpha() * sums[j] + (c == null ? 0 : kernel.beta() * c.get(t, j)));
      }
    }
  }

  /** {@code out[i] = α·Σₜ dy[t, rowᵢ]·x[t, columnᵢ]}. */
  static void run(SampledMatMul kernel) {
    Elements out = Elements.of(kernel.out());
    Elements dy = Elements.of(kernel.dy());
    Elements x = Elements.of(kernel.x());
    forEach(kernel.pattern(), (i, row, column) -> {
      double sum = 0;
      for (long t = 0; t < kernel.tokens(); t++) {
        sum += dy.get(t, row) * x.get(t, column);
      }
      out.set(i, kernel.alpha() * sum + (kernel.accumulate() ? out.get(i) : 0));
    });
  }
}
