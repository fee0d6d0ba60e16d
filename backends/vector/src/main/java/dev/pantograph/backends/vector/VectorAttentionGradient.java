package dev.pantograph.backends.vector;

import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gradient of causal attention by pairs of blocks. Per pair the weights P are recomputed from the scores and logSumExp,
 * the gradient of the scores is {@code dS = P∘(dOut·Vᵀ − δ)}, and three products add to {@code dV += Pᵀ·dOut},
 * {@code dK += dSᵀ·Q} and {@code dQ += dS·K}. P and dS are held transposed, with queries in the lanes, so that
 * logSumExp and δ are vectors too.
 *
 * <p>A task is one head of one sequence: it walks its pairs in a fixed order, so nothing is shared between tasks and no
 * addition depends on who runs them.
 */
final class VectorAttentionGradient {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int BLOCK = CausalBlock.SIZE;

  private final WorkerPool pool;
  private final Scratch[] scratch;

  VectorAttentionGradient(WorkerPool pool) {
    this.pool = pool;
    scratch = new Scratch[pool.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  void run(AttentionGradient k) {
    Float32.require(k, k.dq());
    int heads = Math.toIntExact(k.dq().size(1));
    int time = Math.toIntExact(k.dq().size(2));
    int width = Math.toIntExact(k.dq().size(3));
    Pass pass = new Pass(k, time, width);
    pool.run(Math.toIntExact(k.dq().size(0) * heads),
        (task, worker) -> pass.run(task / heads, task % heads, scratch[worker].forHead(time, width)));
  }

  /** Reused memory of one worker: a whole head's queries, one block's keys. */
  private static final class Scratch {
    private float[] q = new float[0];
    private float[] qTransposed = new float[0];
    private float[] dOut = new float[0];
    private float[] dOutTransposed = new float[0];
    private float[] dq = new float[0];
    private float[] logSumExp = new float[0];
    private float[] delta = new float[0];
    private float[] k = new float[0];
    private float[] v = new float[0];
    private float[] dk = new float[0];
    private float[] dv = new float[0];
    private final float[] weights = new float[BLOCK * BLOCK];
    private final float[] slopes = new float[BLOCK * BLOCK];

    Scratch forHead(int time, int width) {
      int times = (time + BLOCK - 1) / BLOCK * BLOCK;
      int block = BLOCK * Heads.padded(width);
      int head = Math.multiplyExact(times, Heads.padded(width));
      if (q.length < head) {
        q = new float[head];
        qTransposed = new float[head];
        dOut = new float[head];
        dOutTransposed = new float[head];
        dq = new float[head];
      }
      if (delta.length < times) {
        logSumExp = new float[times];
        delta = new float[times];
      }
      if (k.length < block) {
        k = new float[block];
        v = new float[block];
        dk = new float[block];
        dv = new float[block];
      }
      return this;
    }
  }

  /** The operands of one call. */
  private static final class Pass {
    private final Heads dq;
    private final Heads dk;
    private final Heads dv;
    private final Heads dOut;
    private final Heads out;
    private final Heads q;
    private final Heads k;
    private final Heads v;
    private final MemorySegment logSumExp;
    private final long logSumExpAt;
    private final int heads;
    private final int time;
    private final int width;
    private final int paddedWidth;
    private final float scale;

    Pass(AttentionGradient kernel, int time, int width) {
      dq = new Heads(kernel.dq());
      dk = new Heads(kernel.dk());
      dv = new Heads(kernel.dv());
      dOut = new Heads(kernel.dOut());
      out = new Heads(kernel.out());
      q = new Heads(kernel.q());
      k = new Heads(kernel.k());
      v = new Heads(kernel.v());
      logSumExp = HostBuffer.segmentOf(kernel.logSumExp());
      logSumExpAt = kernel.logSumExp().byteOffset();
      heads = Math.toIntExact(kernel.dq().size(1));
      this.time = time;
      this.width = width;
      paddedWidth = Heads.padded(width);
      scale = (float) kernel.scale();
    }

    void run(int b, int h, Scratch s) {
      for (int first = 0; first < time; first += BLOCK) {
        gatherQueries(b, h, first, s);
      }
      for (int first = 0; first < time; first += BLOCK) {
        int count = Math.min(BLOCK, time - first);
        int columns = Heads.padded(count);
        k.gather(b, h, first, count, columns, s.k, 0);
        v.gather(b, h, first, count, columns, s.v, 0);
        Arrays.fill(s.dk, 0, columns * paddedWidth, 0);
        Arrays.fill(s.dv, 0, columns * paddedWidth, 0);
        for (int i = first; i < time; i += BLOCK) {
          pair(i, Heads.padded(Math.min(BLOCK, time - i)), i == first, s);
        }
        for (int i = 0; i < count; i++) {
          dk.scatter(b, h, first + i, s.dk, i * paddedWidth, scale);
          dv.scatter(b, h, first + i, s.dv, i * paddedWidth, 1);
        }
      }
      for (int i = 0; i < time; i++) {
        dq.scatter(b, h, i, s.dq, i * paddedWidth, scale);
      }
    }

    /** A block's queries and dOut, both ways round, its logSumExp and δ. Padding gets weights exp(−∞) = 0. */
    private void gatherQueries(int b, int h, int first, Scratch s) {
      int count = Math.min(BLOCK, time - first);
      int columns = Heads.padded(count);
      int at = first * paddedWidth;
      dOut.gather(b, h, first, count, columns, s.dOut, at);
      dOut.transpose(s.dOut, at, columns, 1, s.dOutTransposed, at, BLOCK);
      // The place of q serves for out until δ is known.
      out.gather(b, h, first, count, columns, s.q, at);
      out.transpose(s.q, at, columns, 1, s.qTransposed, at, BLOCK);
      delta(s, first, columns);
      q.gather(b, h, first, count, columns, s.q, at);
      q.transpose(s.q, at, columns, scale, s.qTransposed, at, BLOCK);
      Arrays.fill(s.dq, at, at + columns * paddedWidth, 0);
      Arrays.fill(s.logSumExp, first + count, first + columns, Float.POSITIVE_INFINITY);
      long position = ((long) b * heads + h) * time + first;
      MemorySegment.copy(logSumExp, ValueLayout.JAVA_FLOAT, logSumExpAt + position * Float.BYTES, s.logSumExp, first,
          count);
    }

    /** {@code δ[t] = dOut[t]·out[t]}, with t in the lanes; out is found in the place of q. */
    private void delta(Scratch s, int first, int columns) {
      int at = first * paddedWidth;
      for (int c = 0; c < columns; c += F.length()) {
        FloatVector sum = FloatVector.zero(F);
        for (int d = 0; d < width; d++) {
          FloatVector g = FloatVector.fromArray(F, s.dOutTransposed, at + d * BLOCK + c);
          sum = g.fma(FloatVector.fromArray(F, s.qTransposed, at + d * BLOCK + c), sum);
        }
        sum.intoArray(s.delta, first + c);
      }
    }

    /** One pair of blocks. */
    private void pair(int first, int columns, boolean diagonal, Scratch s) {
      int at = first * paddedWidth;
      int p = paddedWidth;
      if (diagonal) {
        CausalBlock.scores(s.k, 0, p, s.qTransposed, at, s.weights, 0, columns, width);
        CausalBlock.mask(s.weights, 0, columns);
        CausalBlock.scores(s.v, 0, p, s.dOutTransposed, at, s.slopes, 0, columns, width);
      } else {
        TileProduct.multiply(s.k, 0, p, 1, s.qTransposed, at, BLOCK, s.weights, 0, BLOCK, BLOCK, columns, width, false);
        TileProduct.multiply(s.v, 0, p, 1, s.dOutTransposed, at, BLOCK, s.slopes, 0, BLOCK, BLOCK, columns, width,
            false);
      }
      for (int c = 0; c < columns; c += F.length()) {
        weightsAndSlopes(s.weights, s.slopes, s.logSumExp, s.delta, first, c, diagonal ? c + F.length() : BLOCK);
      }
      if (diagonal) {
        CausalBlock.sumOverQueries(s.weights, s.dOut, at, p, s.dv, columns);
        CausalBlock.sumOverQueries(s.slopes, s.q, at, p, s.dk, columns);
        CausalBlock.sumOverKeys(s.slopes, 0, s.k, p, s.dq, at, columns);
      } else {
        TileProduct.multiply(s.weights, 0, BLOCK, 1, s.dOut, at, p, s.dv, 0, p, BLOCK, p, columns, true);
        TileProduct.multiply(s.slopes, 0, BLOCK, 1, s.q, at, p, s.dk, 0, p, BLOCK, p, columns, true);
        TileProduct.multiply(s.slopes, 0, 1, BLOCK, s.k, 0, p, s.dq, at, p, columns, p, BLOCK, true);
      }
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
