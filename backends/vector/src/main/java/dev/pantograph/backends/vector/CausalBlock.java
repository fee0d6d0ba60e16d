package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The square block on the diagonal of causal attention, where a query sees the keys up to its own position. Scores are
 * transposed, {@code [key][query]} with rows of {@value #SIZE}. Work is skipped by vectors of queries: those at columns
 * {@code [c, c + lanes)} go with the keys {@code [0, c + lanes)} and a masked triangle at the end.
 */
final class CausalBlock {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  /** Queries and keys per block: scores, keys, values and queries of a block fit the first two cache levels. */
  static final int SIZE = 64;

  private CausalBlock() {}

  /** {@code scores[key][query] = rows[key]·transposed[:, query]} for the keys that a vector of queries may see. */
  static void scores(float[] rows, int rowsAt, int paddedWidth, float[] transposed, int transposedAt, float[] scores,
      int columns, int width) {
    int pair = 2 * F.length();
    for (int c = 0; c < columns; c += pair) {
      int end = Math.min(c + pair, columns);
      TileProduct.multiply(rows, rowsAt, paddedWidth, 1, transposed, transposedAt + c, SIZE, scores, c, SIZE, end, end - c,
          width, false);
    }
  }

  /** Scores of keys after the query become −∞. */
  static void mask(float[] scores, int columns) {
    for (int query = 0; query < columns; query++) {
      int end = Heads.padded(query + 1);
      for (int key = query + 1; key < end; key++) {
        scores[key * SIZE + query] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** {@code sums[query] += Σ_key weights[key][query]·rows[key]}. */
  static void sumOverKeys(
      float[] weights, float[] rows, int paddedWidth, float[] sums, int sumsAt, int columns) {
    for (int query = 0; query < columns; query += TileProduct.ROWS) {
      TileProduct.multiply(weights, query, 1, SIZE, rows, 0, paddedWidth, sums, sumsAt + query * paddedWidth, paddedWidth,
          TileProduct.ROWS, paddedWidth, query + TileProduct.ROWS, true);
    }
  }

  /** {@code sums[key] += Σ_query weights[key][query]·rows[query]}. */
  static void sumOverQueries(
      float[] weights, float[] rows, int rowsAt, int paddedWidth, float[] sums, int columns) {
    for (int key = 0; key < columns; key += TileProduct.ROWS) {
      TileProduct.multiply(weights, key * SIZE + key, SIZE, 1, rows, rowsAt + key * paddedWidth, paddedWidth, sums,
          key * paddedWidth, paddedWidth, TileProduct.ROWS, paddedWidth, columns - key, true);
    }
  }

  /** The greatest of {@code start} and the scores of the first keys, for one vector of queries. */
  static FloatVector max(float[] scores, int column, int keys, FloatVector start) {
    FloatVector even = start;
    FloatVector odd = start;
    for (int key = 0; key < keys; key += 2) {
      even = VectorMath.max(even, FloatVector.fromArray(F, scores, key * SIZE + column));
      odd = VectorMath.max(odd, FloatVector.fromArray(F, scores, (key + 1) * SIZE + column));
    }
    return VectorMath.max(even, odd);
  }
}
