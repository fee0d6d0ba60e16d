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
 *
 * <p>Ladder, measured as that of {@link VectorAttention}: products on tiles of four rows, 193 Gflop/s (253 at T =
 * 1024); rows of a constant length and tiles of eight rows, 197 to 218 (289 to 307); copies, transposes and δ by whole
 * vectors and two exponentials at a time, 260 (328 to 337), which is 60 to 64 % (78 to 80 %) of the peak of the same
 * runs.
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
    private final HeadRows k = new HeadRows();
    private final HeadRows v = new HeadRows();
    private final HeadRows dk = new HeadRows();
    private final HeadRows dv = new HeadRows();
    private float[] qTransposed = new float[0];
    private float[] dOutTransposed = new float[0];
    private float[] logSumExp = new float[0];
    private float[] delta = new float[0];
    private final float[] weights = new float[BLOCK * BLOCK];
    private final float[] gradients = new float[BLOCK * BLOCK];

    void resize(int time, int headDim) {
      q.resize(time, headDim);
      dOut.resize(time, headDim);
      k.resize(BLOCK, headDim);
      v.resize(BLOCK, headDim);
      dk.resize(BLOCK, headDim);
      dv.resize(BLOCK, headDim);
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
    private final HeadSlopes slopes;
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
      slopes = new HeadSlopes(kernel.slopes());
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
          pair(other * BLOCK, TileProduct.padded(parts.count(other)), slopes.of(h), (other - block) * BLOCK, s,
              dqSums);
        }
        dk.scatter(b, h, first, count, s.dk, 0, scale);
        dv.scatter(b, h, first, count, s.dv, 0, 1);
      }
    }

    void writeQueries(int b, int h, HeadRows sums) {
      dq.scatter(b, h, 0, parts.time(), sums, 0, scale);
    }

    /** A block's queries and dOut, both ways round, its logSumExp and δ. Padding gets weights exp(−∞) = 0. */
    private void gatherQueries(int b, int h, int first, int count, Scratch s) {
      int queries = TileProduct.padded(count);
      int transposedAt = first * s.q.panels() * BLOCK;
      dOut.gather(b, h, first, count, s.dOut, first);
      s.dOut.transpose(first, queries, 1, s.dOutTransposed, transposedAt);
      // The place of q serves for out until δ is known.
      out.gather(b, h, first, count, s.q, first);
      s.q.transpose(first, queries, 1, s.qTransposed, transposedAt);
      for (int c = 0; c < queries; c += F.length()) {
        delta(s.dOutTransposed, s.qTransposed, transposedAt + c, parts.headDim(), s.delta, first + c);
      }
      q.gather(b, h, first, count, s.q, first);
      s.q.transpose(first, queries, scale, s.qTransposed, transposedAt);
      logSumExp.gather(b, h, first, count, s.logSumExp, first);
      Arrays.fill(s.logSumExp, first + count, first + queries, Float.POSITIVE_INFINITY);
    }

    /** {@code δ[t] = dOut[t]·out[t]}, with t in the lanes. */
    private static void delta(float[] dOut, float[] out, int start, int headDim, float[] delta, int at) {
      FloatVector even = FloatVector.zero(F);
      FloatVector odd = even;
      for (int d = 0; d + 1 < headDim; d += 2) {
        int from = start + d * BLOCK;
        even = FloatVector.fromArray(F, dOut, from).fma(FloatVector.fromArray(F, out, from), even);
        odd = FloatVector.fromArray(F, dOut, from + BLOCK).fma(FloatVector.fromArray(F, out, from + BLOCK), odd);
      }
      if (headDim % 2 == 1) {
        int from = start + (headDim - 1) * BLOCK;
        even = FloatVector.fromArray(F, dOut, from).fma(FloatVector.fromArray(F, out, from), even);
      }
      even.add(odd).intoArray(delta, at);
    }

    /** One block of queries with the block of keys at hand. */
    private static void pair(
        int first, int queries, float slope, int distance, Scratch s, HeadRows dqSums) {
      boolean diagonal = distance == 0;
      int transposedAt = first * s.q.panels() * BLOCK;
      CausalBlock.logits(s.k, 0, s.qTransposed, transposedAt, s.weights, 0, queries, slope, distance);
      CausalBlock.products(s.v, 0, s.dOutTransposed, transposedAt, s.gradients, 0, queries, diagonal);
      weightsAndGradients(s.weights, s.gradients, s.logSumExp, s.delta, first, queries, diagonal);
      CausalBlock.sumOverQueries(s.weights, s.dOut, first, s.dv, queries, diagonal);
      CausalBlock.sumOverQueries(s.gradients, s.q, first, s.dk, queries, diagonal);
      CausalBlock.sumOverKeys(s.gradients, 0, s.k, 0, dqSums, first, queries, diagonal);
    }

    /** Scores to weights {@code exp(S − logSumExp)}, and {@code dOut·Vᵀ} to dS. */
    private static void weightsAndGradients(float[] weights, float[] gradients, float[] logSumExps, float[] deltas,
        int first, int queries, boolean diagonal) {
      for (int c = 0; c < queries; c += F.length()) {
        int keys = CausalBlock.keys(c, diagonal);
        CausalBlock.exponentiate(weights, c, keys, logSumExps, first + c);
        gradients(weights, gradients, c, keys, deltas, first + c);
      }
    }

    /** {@code dS = P∘(dOut·Vᵀ − δ)} for one vector of queries. */
    private static void gradients(float[] weights, float[] gradients, int start, int keys, float[] deltas, int at) {
      FloatVector delta = FloatVector.fromArray(F, deltas, at);
      for (int i = start; i < start + keys * BLOCK; i += BLOCK) {
        FloatVector.fromArray(F, weights, i).mul(FloatVector.fromArray(F, gradients, i).sub(delta))
            .intoArray(gradients, i);
      }
    }
  }
}
