package dev.pantograph.backends.vector;

import jdk.incubator.vector.VectorSpecies;

/**
 * A block of {@value #SIZE} keys against a block of {@value #SIZE} queries. Scores, weights and their gradients are held
 * transposed, {@code [key][query]}. On the diagonal a query sees the keys up to its own position: there, work is skipped
 * by tiles of queries or of keys, and what is left above the diagonal inside a tile has weight zero.
 */
final class CausalBlock {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  /** Queries and keys per block, and the length of every row: three blocks fit the first-level cache. */
  static final int SIZE = 64;

  private CausalBlock() {}

  /**
   * {@code scores[key][query] = rows[key]·transposed[:, query]}.
   *
   * @param rows of the keys, from {@code row} on
   * @param transposed of the queries, {@code [d][query]}
   * @param queries a multiple of {@link TileProduct#COLUMNS}
   */
  static void scores(HeadRows rows, int row, float[] transposed, int transposedAt, float[] scores, int scoresAt,
      int queries, boolean diagonal) {
    for (int panel = 0; panel < rows.panels(); panel++) {
      int from = transposedAt + panel * SIZE * SIZE;
      for (int c = 0; c < queries; c += TileProduct.COLUMNS) {
        TileProduct.rows(rows.data(), rows.at(panel, row), transposed, from + c, scores, scoresAt + c,
            diagonal ? c + TileProduct.COLUMNS : SIZE, TileProduct.COLUMNS, rows.columns(panel), panel > 0);
      }
    }
  }

  /** Keys that are worked on for a vector of queries that begins at a column. */
  static int keys(int column, boolean diagonal) {
    return diagonal ? column + F.length() : SIZE;
  }

  /** On the diagonal, scores of keys after the query become −∞, as far as they are worked on. */
  static void mask(float[] scores, int scoresAt, int queries) {
    for (int query = 0; query < queries; query++) {
      int end = keys(query - query % F.length(), true);
      for (int key = query + 1; key < end; key++) {
        scores[scoresAt + key * SIZE + query] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** {@code sums[query] += Σ_key weights[key][query]·rows[key]}. */
  static void sumOverKeys(float[] weights, int weightsAt, HeadRows rows, int row, HeadRows sums, int sumsRow,
      int queries, boolean diagonal) {
    for (int panel = 0; panel < rows.panels(); panel++) {
      int columns = TileProduct.padded(rows.columns(panel));
      int from = rows.at(panel, row);
      int to = sums.at(panel, sumsRow);
      if (diagonal) {
        for (int query = 0; query < queries; query += TileProduct.ROWS) {
          TileProduct.columns(weights, weightsAt + query, rows.data(), from, sums.data(), to + query * SIZE,
              TileProduct.ROWS, columns, query + TileProduct.ROWS, true);
        }
      } else {
        TileProduct.columns(weights, weightsAt, rows.data(), from, sums.data(), to, queries, columns, SIZE, true);
      }
    }
  }

  /** {@code sums[key] += Σ_query weights[key][query]·rows[query]}. */
  static void sumOverQueries(
      float[] weights, HeadRows rows, int row, HeadRows sums, int queries, boolean diagonal) {
    for (int panel = 0; panel < rows.panels(); panel++) {
      int columns = TileProduct.padded(rows.columns(panel));
      int from = rows.at(panel, row);
      int to = sums.at(panel, 0);
      if (diagonal) {
        for (int key = 0; key < queries; key += TileProduct.ROWS) {
          TileProduct.rows(weights, key * SIZE + key, rows.data(), from + key * SIZE, sums.data(), to + key * SIZE,
              TileProduct.ROWS, columns, queries - key, true);
        }
      } else {
        TileProduct.rows(weights, 0, rows.data(), from, sums.data(), to, SIZE, columns, queries, true);
      }
    }
  }
}
