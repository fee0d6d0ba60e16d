package dev.pantograph.backends.vector;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import java.util.Arrays;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Causal attention by blocks of {@value CausalBlock#SIZE} queries and as many keys. A task gathers the keys and values
 * of a head, then takes its blocks of queries one after another: the scores {@code S = scale·Q·Kᵀ} against the keys up
 * to the diagonal, block by block, with the greatest of each query; then, block by block again, the weights and
 * {@code P·V}. Memory for scores is a strip of {@value CausalBlock#SIZE}·T numbers per worker.
 *
 * <p>Scores are held transposed, with queries in the lanes: the softmax then runs over keys from vector to vector and
 * needs no horizontal sums, and only the queries have to be transposed, once per block.
 *
 * <p>Ladder, float32 on two 512-bit cores, 16 sequences of 4 heads, T = 256, D = 64 (in brackets 4 of 12 heads, T =
 * 1024), in Gflop/s: blocks as small matrix products on tiles of four rows, 160 (185); rows of a constant length, tiles
 * of eight rows, and a head's keys and values gathered once instead of for each block, 180 to 195 (265 to 270); rows
 * copied four vectors at a time, transposes by vectors, and two exponentials at a time, 230 to 235 (300 to 313). The
 * last is 53 to 57 % (73 %) of what multiply-adds on registers reached in the same runs. Then one exponential was
 * computed at a time, for of two, the compiler in some runs made objects. Now a loop holds the whole exponential and
 * calls nothing, the diagonal is masked by vectors, and the logarithms are vectors too: 0.98 to 1.07 times as fast at
 * T = 256 and 1024, 1.10 at T = 64, and 360 bytes a call on the heap, where it had been 13 MB in some processes. On one
 * thread, at T = 256, products of blocks take 58 % of the time, copying strided rows a quarter, exponentials 6 %.
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
    scratch = Stream.generate(Scratch::new).limit(pool.threads()).toArray(Scratch[]::new);
  }

  void run(AttentionGradient k) {
    gradient.run(k);
  }

  void run(Attention k) {
    Float32.require(k, k.out());
    HeadParts parts = HeadParts.of(k.out());
    Pass pass = new Pass(k, parts);
    pool.run(parts.tasks(), (task, worker) -> {
      Scratch s = scratch[worker];
      s.resize(parts.time(), parts.headDim());
      pass.run(parts.batch(task), parts.head(task), parts.part(task), s);
    });
  }

  /** Reused memory of one worker: a whole head's keys and values, one block's queries. */
  private static final class Scratch {
    private final HeadRows q = new HeadRows();
    private final HeadRows k = new HeadRows();
    private final HeadRows v = new HeadRows();
    private final HeadRows out = new HeadRows();
    private float[] qTransposed = new float[0];
    /** {@code [key][query]}: all keys that the block of queries sees. */
    private float[] scores = new float[0];

    private final float[] max = new float[BLOCK];
    private final float[] sum = new float[BLOCK];
    private final float[] logSumExp = new float[BLOCK];

    void resize(int time, int headDim) {
      q.resize(BLOCK, headDim);
      out.resize(BLOCK, headDim);
      k.resize(time, headDim);
      v.resize(time, headDim);
      int block = q.panels() * BLOCK * BLOCK;
      if (qTransposed.length < block) {
        qTransposed = new float[block];
      }
      int strip = Math.multiplyExact(Math.ceilDiv(time, BLOCK) * BLOCK, BLOCK);
      if (scores.length < strip) {
        scores = new float[strip];
      }
    }
  }

  /** The operands of one call. */
  private static final class Pass {
    private final HeadParts parts;
    private final Heads out;
    private final Heads q;
    private final Heads k;
    private final Heads v;
    private final PerQuery logSumExp;
    private final HeadSlopes slopes;
    private final float scale;

    Pass(Attention kernel, HeadParts parts) {
      this.parts = parts;
      out = new Heads(kernel.out());
      q = new Heads(kernel.q());
      k = new Heads(kernel.k());
      v = new Heads(kernel.v());
      logSumExp = new PerQuery(kernel.logSumExp());
      slopes = new HeadSlopes(kernel.slopes());
      scale = (float) kernel.scale();
    }

    /** Some blocks of queries of one head, the last first: it sees all keys that the others see. */
    void run(int b, int h, int part, Scratch s) {
      int last = parts.blocks() - 1 - part;
      for (int block = 0; block <= last; block++) {
        k.gather(b, h, block * BLOCK, parts.count(block), s.k, block * BLOCK);
        v.gather(b, h, block * BLOCK, parts.count(block), s.v, block * BLOCK);
      }
      for (int block = last; block >= 0; block -= parts.parts()) {
        attend(b, h, block * BLOCK, parts.count(block), s);
      }
    }

    /** One block of queries against all keys it sees. */
    private void attend(int b, int h, int first, int count, Scratch s) {
      int queries = TileProduct.padded(count);
      q.gather(b, h, first, count, s.q, 0);
      s.q.transpose(0, queries, scale, s.qTransposed, 0);
      Arrays.fill(s.max, Float.NEGATIVE_INFINITY);
      Arrays.fill(s.sum, 0);
      for (int key = 0; key <= first; key += BLOCK) {
        boolean diagonal = key == first;
        CausalBlock.logits(
            s.k, key, s.qTransposed, 0, s.scores, key * BLOCK, queries, slopes.of(h), first - key);
        for (int c = 0; c < queries; c += F.length()) {
          CausalBlock.greatest(s.scores, key * BLOCK + c, CausalBlock.keys(c, diagonal), s.max, c);
        }
      }
      s.out.clear(0, queries);
      for (int key = 0; key <= first; key += BLOCK) {
        boolean diagonal = key == first;
        for (int c = 0; c < queries; c += F.length()) {
          CausalBlock.exponentiate(s.scores, key * BLOCK + c, CausalBlock.keys(c, diagonal), s.max, c);
          sum(s.scores, key * BLOCK + c, CausalBlock.keys(c, diagonal), s.sum, c);
        }
        CausalBlock.sumOverKeys(s.scores, key * BLOCK, s.v, key, s.out, 0, queries, diagonal);
      }
      for (int c = 0; c < queries; c += F.length()) {
        logSumExp(s.max, s.sum, s.logSumExp, c);
      }
      s.out.scale(0, count, s.sum);
      out.scatter(b, h, first, count, s.out, 0, 1);
      logSumExp.scatter(b, h, first, count, s.logSumExp);
    }

    /** Adds up the weights of one vector of queries. The number of keys is even. */
    private static void sum(float[] weights, int start, int keys, float[] sums, int at) {
      FloatVector even = FloatVector.fromArray(F, sums, at);
      FloatVector odd = FloatVector.zero(F);
      for (int key = 0; key < keys; key += 2) {
        even = even.add(FloatVector.fromArray(F, weights, start + key * BLOCK));
        odd = odd.add(FloatVector.fromArray(F, weights, start + key * BLOCK + BLOCK));
      }
      even.add(odd).intoArray(sums, at);
    }

    /** {@code out = max + ln sum} and {@code sum = 1/sum} for one vector of queries. */
    private static void logSumExp(float[] max, float[] sum, float[] out, int at) {
      VectorMath.log(sum, out, at);
      FloatVector.fromArray(F, max, at).add(FloatVector.fromArray(F, out, at)).intoArray(out, at);
      FloatVector.broadcast(F, 1).div(FloatVector.fromArray(F, sum, at)).intoArray(sum, at);
    }
  }
}
