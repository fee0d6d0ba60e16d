package dev.pantograph.backends.reference;

import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import java.util.HashMap;
import java.util.Map;

/** Token and position lookup and its gradient; {@code [B, T, C]} is read as {@code [B·T, C]}. */
final class ReferenceEmbedding {
  private ReferenceEmbedding() {}

  static void run(Embedding kernel) {
    new Vocabulary(kernel, kernel.table().size(0)).requireAll("tokens", kernel.tokens());
    long length = kernel.out().size(1);
    long channels = kernel.out().size(2);
    Elements out = Elements.rows(kernel.out());
    Elements tokens = Elements.of(kernel.tokens());
    Elements table = Elements.of(kernel.table());
    Elements positions = Elements.ofNullable(kernel.positions());
    for (long bt = 0; bt < kernel.tokens().elements(); bt++) {
      long token = (long) tokens.get(bt);
      long t = bt % length;
      for (long c = 0; c < channels; c++) {
        double position = positions == null ? 0 : positions.get(t, c);
        out.set(bt, c, kernel.scale() * (table.get(token, c) + position));
      }
    }
  }

  static void run(EmbeddingGradient kernel) {
    new Vocabulary(kernel, kernel.dTable().size(0)).requireAll("tokens", kernel.tokens());
    Elements tokens = Elements.of(kernel.tokens());
    addSums(kernel, Elements.of(kernel.dTable()), bt -> (long) tokens.get(bt));
    if (kernel.dPositions() != null) {
      long length = kernel.dOut().size(1);
      addSums(kernel, Elements.of(kernel.dPositions()), bt -> bt % length);
    }
  }

  /** The row of a gradient to which the row {@code bt} of dOut belongs. */
  private interface RowChoice {
    long row(long bt);
  }

  /** {@code gradient[row] += scale·Σ_{bt with that row} dOut[bt]}; rows that do not occur are left as they are. */
  private static void addSums(EmbeddingGradient kernel, Elements gradient, RowChoice choice) {
    Elements dOut = Elements.rows(kernel.dOut());
    int channels = Math.toIntExact(kernel.dOut().size(2));
    Map<Long, double[]> sums = new HashMap<>();
    for (long bt = 0; bt < kernel.tokens().elements(); bt++) {
      double[] sum = sums.computeIfAbsent(choice.row(bt), row -> new double[channels]);
      for (int c = 0; c < channels; c++) {
        sum[c] += dOut.get(bt, c);
      }
    }
    sums.forEach((row, sum) -> {
      for (int c = 0; c < channels; c++) {
        gradient.set(row, c, gradient.get(row, c) + kernel.scale() * sum[c]);
      }
    });
  }
}
