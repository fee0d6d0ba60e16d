package dev.pantograph.backends.vector;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Causal attention by blocks of {@value CausalBlock#SIZE} queries and as many keys. For a block of queries the blocks of keys up
 * to the diagonal pass by; per pair the scores {@code S = scale·Q·Kᵀ} are a small matrix product, the softmax is brought up to
 * date with the greatest score so far (Milakov &amp; Gimelshein 2018, arXiv 1805.02867), and {@code P·V} is another product.
 *
 * <p>Scores are held transposed, with queries in the lanes: the softmax then runs over keys from vector to vector and needs no
 * horizontal sums, and only the queries have to be transposed, once per block.
 */
final class VectorAttention {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int BLOCK = CausalBlock.SIZE;

  private final WorkerPool pool;
  private final VectorAttentionGradient gradient;
  private final Scratch[] scratch;

  VectorAttention(WorkerPool pool) {
    this.pool = pool;
    gradient = new VectorAttentionGradient(pool);
    scratch = new Scratch[pool.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  void run(AttentionGradient k) {
    gradient.run(k);
  }

  void run(Attention k) {
    SinglePrecision.require(k, k.out());
    int heads = Math.toIntExact(k.out().size(1));
    int time = Math.toIntExact(k.out().size(2));
    int width = Math.toIntExact(k.out().size(3));
    int blocks = (time + BLOCK - 1) / BLOCK;
    int sequences = Math.toIntExact(k.out().size(0) * heads);
    Pass pass = new Pass(k, time, width);
    // Late queries see the most keys: their tasks come first, so that the short ones fill the gaps at the end.
    pool.run(Math.multiplyExact(sequences, blocks), (task, worker) -> {
      int sequence = task % sequences;
      pass.run(sequence / heads, sequence % heads, blocks - 1 - task / sequences, scratch[worker].forWidth(width));
    });
  }

  /** Reused memory of one worker. */
  private static final class Scratch {
    private float[] rows = new float[0];
    private float[] queries = new float[0];
    private float[] keys = new float[0];
    private float[] values = new float[0];
    private float[] out = new float[0];
    private final float[] scores = new float[BLOCK * BLOCK];
    private final float[] max = new float[BLOCK];
    private final float[] sum = new float[BLOCK];
    private final float[] decay = new float[BLOCK];

    Scratch forWidth(int width) {
      int size = BLOCK * Heads.padded(width);
      if (rows.length < size) {
        rows = new float[size];
        queries = new float[size];
        keys = new float[size];
        values = new float[size];
        out = new float[size];
      }
      return this;
    }
  }

  /** The operands of one call. */
  private static final class Pass {
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

    Pass(Attention kernel, int time, int width) {
      out = new Heads(kernel.out());
      q = new Heads(kernel.q());
      k = new Heads(kernel.k());
      v = new Heads(kernel.v());
      logSumExp = HostBuffer.segmentOf(kernel.logSumExp());
      logSumExpAt = kernel.logSumExp().byteOffset();
      heads = Math.toIntExact(kernel.out().size(1));
      this.time = time;
      this.width = width;
      paddedWidth = Heads.padded(width);
      scale = (float) kernel.scale();
    }

    /** One block of queries of one head against all keys it sees. */
    void run(int b, int h, int block, Scratch s) {
      int first = block * BLOCK;
      int count = Math.min(BLOCK, time - first);
      int columns = Heads.padded(count);
      q.gather(b, h, first, count, columns, scale, s.rows, 0);
      q.transpose(s.rows, 0, columns, s.queries, 0, BLOCK);
      java.util.Arrays.fill(s.max, Float.NEGATIVE_INFINITY);
      java.util.Arrays.fill(s.sum, 0);
      java.util.Arrays.fill(s.out, 0, columns * paddedWidth, 0);
      for (int j = 0; j < block; j++) {
        k.gather(b, h, j * BLOCK, BLOCK, BLOCK, 1, s.keys, 0);
        v.gather(b, h, j * BLOCK, BLOCK, BLOCK, 1, s.values, 0);
        below(s, columns);
      }
      k.gather(b, h, first, count, columns, 1, s.keys, 0);
      v.gather(b, h, first, count, columns, 1, s.values, 0);
      diagonal(s, columns);
      finish(b, h, first, count, s);
    }

    /** A block of keys that all these queries see. */
    private void below(Scratch s, int columns) {
      TileProduct.multiply(s.keys, 0, paddedWidth, 1, s.queries, 0, BLOCK, s.scores, 0, BLOCK, BLOCK, columns, width,
          false);
      for (int c = 0; c < columns; c += F.length()) {
        softmax(s, c, BLOCK);
      }
      decay(s.out, s.decay, columns, paddedWidth);
      TileProduct.multiply(s.scores, 0, 1, BLOCK, s.values, 0, paddedWidth, s.out, 0, paddedWidth, columns, paddedWidth,
          BLOCK, true);
    }

    /** The block of keys with the same positions as the queries. */
    private void diagonal(Scratch s, int columns) {
      CausalBlock.scores(s.keys, 0, paddedWidth, s.queries, 0, s.scores, columns, width);
      CausalBlock.mask(s.scores, columns);
      for (int c = 0; c < columns; c += F.length()) {
        softmax(s, c, c + F.length());
      }
      decay(s.out, s.decay, columns, paddedWidth);
      CausalBlock.sumOverKeys(s.scores, s.values, paddedWidth, s.out, 0, columns);
    }

    /** Turns the scores of one vector of queries and the first keys into weights, relative to the new maximum. */
    private static void softmax(Scratch s, int column, int keys) {
      FloatVector oldMax = FloatVector.fromArray(F, s.max, column);
      FloatVector max = CausalBlock.max(s.scores, column, keys, oldMax);
      FloatVector sum = FloatVector.zero(F);
      for (int key = 0; key < keys; key++) {
        int at = key * BLOCK + column;
        FloatVector weight = VectorMath.exp(FloatVector.fromArray(F, s.scores, at).sub(max));
        weight.intoArray(s.scores, at);
        sum = sum.add(weight);
      }
      FloatVector decay = VectorMath.exp(oldMax.sub(max));
      max.intoArray(s.max, column);
      decay.intoArray(s.decay, column);
      FloatVector.fromArray(F, s.sum, column).fma(decay, sum).intoArray(s.sum, column);
    }

    /** What was summed relative to the old maximum counts less relative to the new one. */
    private static void decay(float[] out, float[] decay, int rows, int paddedWidth) {
      for (int i = 0; i < rows; i++) {
        float factor = decay[i];
        for (int d = i * paddedWidth; d < (i + 1) * paddedWidth; d += F.length()) {
          FloatVector.fromArray(F, out, d).mul(factor).intoArray(out, d);
        }
      }
    }

    private void finish(int b, int h, int first, int count, Scratch s) {
      for (int i = 0; i < count; i++) {
        out.scatterRow(b, h, first + i, s.out, i * paddedWidth, 1 / s.sum[i]);
        long position = ((long) b * heads + h) * time + first + i;
        logSumExp.set(ValueLayout.JAVA_FLOAT, logSumExpAt + position * Float.BYTES,
            (float) (s.max[i] + Math.log(s.sum[i])));
      }
    }
  }
}
