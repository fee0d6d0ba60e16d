package dev.pantograph.backends.vector;

import dev.pantograph.spi.AttentionGradient;
import java.util.Arrays;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gradient of causal attention by pairs of blocks. Per pair the weights P are recomputed from the scores and logSumExp,
 * the gradient of the scores is {@code dS = P∘(dOut·Vᵀ − δ)}, and three products add to {@code dV += Pᵀ·dOut},
 * {@code dK += dSᵀ·Q} and {@code dQ += dS·K}. P and dS are held transposed, with queries in the lanes, so that
 * logSumExp and δ are vectors too.
 *
 * <p>A task gathers the queries and dOut of a head, both ways round, then takes its blocks of keys one after another,
 * each with all the queries that see it. Where heads are so few that several tasks share one, each has a dQ of its own,
 * and these are added up in the order of the parts.
 */
final class VectorAttentionGradient {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int BLOCK = CausalBlock.SIZE;

  private final WorkerPool pool;
  private final Scratch[] scratch;
  /** The dQ of each task, where a head has several. */
  private HeadRows[] partial = new HeadRows[0];

  VectorAttentionGradient(WorkerPool pool) {
    this.pool = pool;
    scratch = Stream.generate(Scratch::new).limit(pool.threads()).toArray(Scratch[]::new);
  }

  void run(AttentionGradient k) {
    Float32.require(k, k.dq());
    HeadParts parts = HeadParts.of(k.dq());
    Pass pass = new Pass(k, parts);
    if (parts.parts() > 1) {
      runInParts(pass, parts);
    } else {
      pool.run(parts.tasks(), (task, worker) -> {
        Scratch s = scratch[worker];
        pass.run(parts.batch(task), parts.head(task), 0, s, s.dq);
        pass.writeQueries(parts.batch(task), parts.head(task), s.dq);
      });
    }
  }

  private void runInParts(Pass pass, HeadParts parts) {
    if (partial.length < parts.tasks()) {
      partial = Stream.generate(HeadRows::new).limit(parts.tasks()).toArray(HeadRows[]::new);
    }
    pool.run(parts.tasks(), (task, worker) ->
        pass.run(parts.batch(task), parts.head(task), parts.part(task), scratch[worker], partial[task]));
    pool.run(parts.sequences(), (sequence, worker) -> {
      for (int part = 1; part < parts.parts(); part++) {
        partial[sequence].add(partial[part * parts.sequences() + sequence]);
      }
      pass.writeQueries(parts.batch(sequence), parts.head(sequence), partial[sequence]);
    });
  }

  /** Reused memory of one worker: a whole head's queries, one block's keys. */
  private static final class Scratch {
    private final HeadRows q = new HeadRows();
    private final HeadRows dOut = new HeadRows();
    private final HeadRows dq = new HeadRows();
    private final HeadRows out = new HeadRows();
    private final HeadRows k = new HeadRows();
    private final HeadRows v = new HeadRows();
    private final HeadRows dk = new HeadRows();
    private final HeadRows dv = new HeadRows();
    private float[] qTransposed = new float[0];
    private float[] dOutTransposed = new float[0];
    private float[] logSumExp = new float[0];
    private float[] delta = new float[0];
    private final float[] lanes = new float[F.length()];
    private final float[] weights = new float[BLOCK * BLOCK];
    private final float[] slopes = new float[BLOCK * BLOCK];

    void resize(int time, int headDim) {
      Stream.of(q, dOut).forEach(rows -> rows.resize(time, headDim));
      Stream.of(out, k, v, dk, dv).forEach(rows -> rows.resize(BLOCK, headDim));
      int times = Math.ceilDiv(time, BLOCK) * BLOCK;
      int transposed = Math.multiplyExact(times, q.panels() * BLOCK);
      if (qTransposed.length < transposed) {
        qTransposed = new float[transposed];
        dOutTransposed = new float[transposed];
      }
      if (delta.length < times) {
        logSumExp = new float[times];
        delta = new float[times];
      }
    }
  }

  /** The operands of one call. */
  private static final class Pass {
    private final HeadParts parts;
    private final Heads dq;
    private final Heads dk;
    private final Heads dv;
    private final Heads dOut;
    private final Heads out;
    private final Heads q;
    private final Heads k;
    private final Heads v;
    private final PerQuery logSumExp;
    private final float scale;

    Pass(AttentionGradient kernel, HeadParts parts) {
      this.parts = parts;
      dq = new Heads(kernel.dq());
      dk = new Heads(kernel.dk());
      dv = new Heads(kernel.dv());
      dOut = new Heads(kernel.dOut());
      out = new Heads(kernel.out());
      q = new Heads(kernel.q());
      k = new Heads(kernel.k());
      v = new Heads(kernel.v());
      logSumExp = new PerQuery(kernel.logSumExp());
      scale = (float) kernel.scale();
    }

    /** Some blocks of keys of one head: writes their dK and dV, and leaves their share of dQ unscaled. */
    void run(int b, int h, int part, Scratch s, HeadRows dqSums) {
      s.resize(parts.time(), parts.headDim());
      dqSums.resize(parts.time(), parts.headDim());
      dqSums.clear(0, parts.blocks() * BLOCK);
      for (int block = part; block < parts.blocks(); block++) {
        gatherQueries(b, h, block * BLOCK, parts.count(block), s);
      }
      for (int block = part; block < parts.blocks(); block += parts.parts()) {
        int first = block * BLOCK;
        int count = parts.count(block);
        k.gather(b, h, first, count, s.k, 0);
        v.gather(b, h, first, count, s.v, 0);
        s.dk.clear(0, BLOCK);
        s.dv.clear(0, BLOCK);
        for (int other = block; other < parts.blocks(); other++) {
          pair(other * BLOCK, TileProduct.padded(parts.count(other)), other == block, s, dqSums);
        }
        for (int i = 0; i < count; i++) {
          dk.scatter(b, h, first + i, s.dk, i, scale);
          dv.scatter(b, h, first + i, s.dv, i, 1);
        }
      }
    }

    void writeQueries(int b, int h, HeadRows sums) {
      for (int t = 0; t < parts.time(); t++) {
        dq.scatter(b, h, t, sums, t, scale);
      }
    }

    /** A block's queries and dOut, both ways round, its logSumExp and δ. Padding gets weights exp(−∞) = 0. */
    private void gatherQueries(int b, int h, int first, int count, Scratch s) {
      int queries = TileProduct.padded(count);
      int transposedAt = first * s.q.panels() * BLOCK;
      q.gather(b, h, first, count, s.q, first);
      s.q.transpose(first, queries, scale, s.qTransposed, transposedAt);
      dOut.gather(b, h, first, count, s.dOut, first);
      s.dOut.transpose(first, queries, 1, s.dOutTransposed, transposedAt);
      out.gather(b, h, first, count, s.out, 0);
      for (int i = 0; i < queries; i++) {
        s.delta[first + i] = s.out.dot(i, s.dOut, first + i, s.lanes);
      }
      logSumExp.gather(b, h, first, count, s.logSumExp, first);
      Arrays.fill(s.logSumExp, first + count, first + queries, Float.POSITIVE_INFINITY);
    }

    /** One block of queries with the block of keys at hand. */
    private static void pair(int first, int queries, boolean diagonal, Scratch s, HeadRows dqSums) {
      int transposedAt = first * s.q.panels() * BLOCK;
      CausalBlock.scores(s.k, 0, s.qTransposed, transposedAt, s.weights, 0, queries, diagonal);
      if (diagonal) {
        CausalBlock.mask(s.weights, 0, queries);
      }
      CausalBlock.scores(s.v, 0, s.dOutTransposed, transposedAt, s.slopes, 0, queries, diagonal);
      for (int c = 0; c < queries; c += F.length()) {
        weightsAndSlopes(s.weights, s.slopes, s.logSumExp, s.delta, first, c, CausalBlock.keys(c, diagonal));
      }
      CausalBlock.sumOverQueries(s.weights, s.dOut, first, s.dv, queries, diagonal);
      CausalBlock.sumOverQueries(s.slopes, s.q, first, s.dk, queries, diagonal);
      CausalBlock.sumOverKeys(s.slopes, 0, s.k, 0, dqSums, first, queries, diagonal);
    }

    /** Scores to weights {@code exp(S − logSumExp)}, and {@code dOut·Vᵀ} to slopes, for one vector of queries. */
    private static void weightsAndSlopes(float[] weights, float[] slopes, float[] logSumExps, float[] deltas,
        int first, int column, int keys) {
      FloatVector logSumExp = FloatVector.fromArray(F, logSumExps, first + column);
      FloatVector delta = FloatVector.fromArray(F, deltas, first + column);
      for (int key = 0; key < keys; key++) {
        int at = key * BLOCK + column;
        FloatVector weight = VectorMath.exp(FloatVector.fromArray(F, weights, at).sub(logSumExp));
        weight.intoArray(weights, at);
        weight.mul(FloatVector.fromArray(F, slopes, at).sub(delta)).intoArray(slopes, at);
      }
    }
  }
}
