package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
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

  private static final FloatVector LANE_NUMBERS = FloatVector.zero(F).addIndex(1);

  private CausalBlock() {}

  /**
   * {@code logits[key][query] = rows[key]·transposed[:, query] − slope·(t − s)} with the positions t of the query and s
   * of the key; on the diagonal, −∞ where s > t, as far as it is worked on.
   *
   * @param distance from the first key to the first query; 0 is the diagonal
   */
  static void logits(HeadRows rows, int row, float[] transposed, int transposedAt, float[] logits, int logitsAt,
      int queries, float slope, int distance) {
    boolean diagonal = distance == 0;
    products(rows, row, transposed, transposedAt, logits, logitsAt, queries, diagonal);
    if (slope != 0) {
      for (int c = 0; c < queries; c += F.length()) {
        subtractDistances(logits, logitsAt + c, keys(c, diagonal), slope, distance + c);
      }
    }
    if (diagonal) {
      mask(logits, logitsAt, queries);
    }
  }

  /** For one vector of queries, the first of which is so far from the first key. */
  private static void subtractDistances(float[] logits, int start, int keys, float slope, int distance) {
    FloatVector minusSlope = FloatVector.broadcast(F, -slope);
    FloatVector distances = LANE_NUMBERS.add(distance);
    for (int key = 0; key < keys; key++) {
      int at = start + key * SIZE;
      distances.sub(key).fma(minusSlope, FloatVector.fromArray(F, logits, at)).intoArray(logits, at);
    }
  }

  /**
   * {@code products[key][query] = rows[key]·transposed[:, query]}.
   *
   * @param rows of the keys, from {@code row} on
   * @param transposed of the queries, {@code [d][query]}
   * @param queries a multiple of {@link TileProduct#COLUMNS}
   */
  static void products(HeadRows rows, int row, float[] transposed, int transposedAt, float[] products, int productsAt,
      int queries, boolean diagonal) {
    for (int panel = 0; panel < rows.panels(); panel++) {
      int from = transposedAt + panel * SIZE * SIZE;
      for (int c = 0; c < queries; c += TileProduct.COLUMNS) {
        TileProduct.rows(rows.data(), rows.at(panel, row), transposed, from + c, products, productsAt + c,
            diagonal ? c + TileProduct.COLUMNS : SIZE, TileProduct.COLUMNS, rows.columns(panel), panel > 0);
      }
    }
  }

  /** Keys that are worked on for a vector of queries that begins at a column. */
  static int keys(int column, boolean diagonal) {
    return diagonal ? column + F.length() : SIZE;
  }

  private static void mask(float[] logits, int logitsAt, int queries) {
    for (int c = 0; c < queries; c += F.length()) {
      int start = logitsAt + c * SIZE + c;
      for (int key = 1; key < F.length(); key++) {
        int at = start + key * SIZE;
        FloatVector.fromArray(F, logits, at)
            .blend(Float.NEGATIVE_INFINITY, LANE_NUMBERS.compare(LT, (float) key)).intoArray(logits, at);
      }
    }
  }

  /** {@code greatest = max(greatest, logits)} for one vector of queries. The number of keys is even. */
  static void greatest(float[] logits, int start, int keys, float[] greatest, int at) {
    FloatVector even = FloatVector.fromArray(F, greatest, at);
    FloatVector odd = even;
    for (int key = 0; key < keys; key += 2) {
      FloatVector x = FloatVector.fromArray(F, logits, start + key * SIZE);
      even = even.blend(x, x.compare(GT, even));
      FloatVector y = FloatVector.fromArray(F, logits, start + key * SIZE + SIZE);
      odd = odd.blend(y, y.compare(GT, odd));
    }
    even.blend(odd, odd.compare(GT, even)).intoArray(greatest, at);
  }

  /**
   * Turns logits into weights {@code exp(logit − shift)} for one vector of queries. It is {@link
   * VectorMath#expBelowOverflow} written out: once its caller is large, the compiler inlines no more calls, and every
   * vector becomes an object.
   */
  static void exponentiate(float[] logits, int start, int keys, float[] shifts, int at) {
    FloatVector shift = FloatVector.fromArray(F, shifts, at);
    for (int i = start; i < start + keys * SIZE; i += SIZE) {
      FloatVector x = FloatVector.fromArray(F, logits, i).sub(shift);
      FloatVector rounded = x.fma(FloatVector.broadcast(F, VectorMath.LOG2_E),
          FloatVector.broadcast(F, VectorMath.ROUND_TO_EXPONENT));
      FloatVector n = rounded.sub(VectorMath.ROUND_TO_EXPONENT);
      FloatVector r = n.fma(FloatVector.broadcast(F, VectorMath.MINUS_LN2_LOW),
          n.fma(FloatVector.broadcast(F, VectorMath.MINUS_LN2_HIGH), x));
      FloatVector twice = FloatVector.broadcast(F, VectorMath.E6).fma(r, FloatVector.broadcast(F, VectorMath.E5))
          .fma(r, FloatVector.broadcast(F, VectorMath.E4)).fma(r, FloatVector.broadcast(F, VectorMath.E3))
          .fma(r, FloatVector.broadcast(F, VectorMath.E2)).fma(r, FloatVector.broadcast(F, 2))
          .fma(r, FloatVector.broadcast(F, 2));
      twice.mul(rounded.reinterpretAsInts().lanewise(LSHL, VectorMath.SIGNIFICAND_BITS).reinterpretAsFloats())
          .blend(0f, x.compare(LT, VectorMath.EXP_LOWEST)).intoArray(logits, i);
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
