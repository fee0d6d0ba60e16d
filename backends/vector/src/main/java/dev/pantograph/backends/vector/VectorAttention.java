package dev.pantograph.backends.vector;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Causal attention by blocks of {@value CausalBlock#SIZE} queries. Per block: the scores {@code S = scale·Q·Kᵀ} against
 * the keys up to the diagonal, block after block; the softmax of each query; then {@code P·V}, block after block.
 * Memory for scores is a strip of {@value CausalBlock#SIZE}·T numbers per worker.
 *
 * <p>Scores are held transposed, with queries in the lanes: the softmax then runs over keys from vector to vector and
 * needs no horizontal sums, and only the queries have to be transposed, once per block.
 *
 * <p>Ladder: blocks turn the plain loops' dot products into small matrix products, in which every number read is used
 * several times from registers (a product of 64×64×64 alone: 84 Gflop/s on one 512-bit core); vector exponentials keep
 * the softmax well below the cost of the products; all of it together: about 40 Gflop/s at T = 256, D = 64. The online
 * softmax, which needs no strip, was no faster at best, and several times slower where its second exponential kept the
 * compiler from inlining the first.
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
    Float32.require(k, k.out());
    int heads = Math.toIntExact(k.out().size(1));
    int time = Math.toIntExact(k.out().size(2));
    int width = Math.toIntExact(k.out().size(3));
    int blocks = (time + BLOCK - 1) / BLOCK;
    int sequences = Math.toIntExact(k.out().size(0) * heads);
    Pass pass = new Pass(k, time, width);
    // Late queries see the most keys: their tasks come first, so that the short ones fill the gaps at the end.
    pool.run(Math.multiplyExact(sequences, blocks), (task, worker) -> {
      int sequence = task % sequences;
      pass.run(sequence / heads, sequence % heads, blocks - 1 - task / sequences, scratch[worker].forHead(time, width));
    });
  }

  /** Reused memory of one worker. */
  private static final class Scratch {
    /** The block of queries, keys or values at hand. */
    private float[] rows = new float[0];

    private float[] queries = new float[0];
    private float[] out = new float[0];
    /** {@code [key][query]}: all keys that the block of queries sees. */
    private float[] scores = new float[0];

    private final float[] max = new float[BLOCK];
    private final float[] sum = new float[BLOCK];

    Scratch forHead(int time, int width) {
      int block = BLOCK * Heads.padded(width);
      if (rows.length < block) {
        rows = new float[block];
        queries = new float[block];
        out = new float[block];
      }
      int strip = Math.multiplyExact((time + BLOCK - 1) / BLOCK * BLOCK, BLOCK);
      if (scores.length < strip) {
        scores = new float[strip];
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
      q.gather(b, h, first, count, columns, s.rows, 0);
      q.transpose(s.rows, 0, columns, scale, s.queries, 0, BLOCK);
      for (int key = 0; key <= first; key += BLOCK) {
        int rows = key < first ? BLOCK : columns;
        k.gather(b, h, key, Math.min(BLOCK, time - key), rows, s.rows, 0);
        scores(s, key, rows, columns, key == first);
      }
      for (int c = 0; c < columns; c += F.length()) {
        int keys = first + c + F.length();
        max(s.scores, c, keys, s.max);
        exponentiate(s.scores, c, keys, s.max, s.sum);
      }
      Arrays.fill(s.out, 0, columns * paddedWidth, 0);
      for (int key = 0; key <= first; key += BLOCK) {
        v.gather(b, h, key, Math.min(BLOCK, time - key), key < first ? BLOCK : columns, s.rows, 0);
        sumOfValues(s, key, columns, key == first);
      }
      finish(b, h, first, count, s);
    }

    private void scores(Scratch s, int key, int rows, int columns, boolean diagonal) {
      if (diagonal) {
        CausalBlock.scores(s.rows, 0, paddedWidth, s.queries, 0, s.scores, key * BLOCK, columns, width);
        CausalBlock.mask(s.scores, key * BLOCK, columns);
      } else {
        TileProduct.multiply(s.rows, 0, paddedWidth, 1, s.queries, 0, BLOCK, s.scores, key * BLOCK, BLOCK, rows,
            columns, width, false);
      }
    }

    private void sumOfValues(Scratch s, int key, int columns, boolean diagonal) {
      if (diagonal) {
        CausalBlock.sumOverKeys(s.scores, key * BLOCK, s.rows, paddedWidth, s.out, 0, columns);
      } else {
        TileProduct.multiply(s.scores, key * BLOCK, 1, BLOCK, s.rows, 0, paddedWidth, s.out, 0, paddedWidth, columns,
            paddedWidth, BLOCK, true);
      }
    }

    /** The greatest score of each of one vector of queries. */
    private static void max(float[] scores, int column, int keys, float[] max) {
      FloatVector even = FloatVector.fromArray(F, scores, column);
      FloatVector odd = even;
      for (int key = 0; key < keys; key += 2) {
        even = VectorMath.max(even, FloatVector.fromArray(F, scores, key * BLOCK + column));
        odd = VectorMath.max(odd, FloatVector.fromArray(F, scores, (key + 1) * BLOCK + column));
      }
      VectorMath.max(even, odd).intoArray(max, column);
    }

    /** Turns the scores of one vector of queries into weights, relative to the maximum, and sums them. */
    private static void exponentiate(float[] scores, int column, int keys, float[] max, float[] sums) {
      FloatVector greatest = FloatVector.fromArray(F, max, column);
      FloatVector sum = FloatVector.zero(F);
      for (int key = 0; key < keys; key++) {
        int at = key * BLOCK + column;
        FloatVector weight = VectorMath.exp(FloatVector.fromArray(F, scores, at).sub(greatest));
        weight.intoArray(scores, at);
        sum = sum.add(weight);
      }
      sum.intoArray(sums, column);
    }

    private void finish(int b, int h, int first, int count, Scratch s) {
      for (int i = 0; i < count; i++) {
        out.scatter(b, h, first + i, s.out, i * paddedWidth, 1 / s.sum[i]);
        long position = ((long) b * heads + h) * time + first + i;
        logSumExp.set(ValueLayout.JAVA_FLOAT, logSumExpAt + position * Float.BYTES,
            (float) (s.max[i] + Math.log(s.sum[i])));
      }
    }
  }
}
