package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The dense product at the places of a sparse weight, {@code out[i] = α·Σₜ dy[t, rowᵢ]·x[t, columnᵢ]}.
 *
 * <p>The ladder, in times of {@link VectorMatMul}'s dense product of 4096 tokens and a weight [1024, 1024] of density
 * 0.1, on two cores with 512-bit vectors:
 * <ol>
 *   <li>The reference reads a column of dy and one of x for each non-zero.
 *   <li>A vector holds one column of several tokens: a non-zero is a dot product of a few vectors, those of dy in
 *       registers for a whole row. Its lanes are added up for many non-zeros at once ({@link LaneSums}): 1.8.
 *   <li>Tiles of twice as many tokens, which halves the adding up: 2.5, at density 0.25 1.2, at 0.01 7.
 *   <li>Four non-zeros of a row at a time, whose lanes are added up by pairs while they are in registers, in loops
 *       without checks ({@link SparseRows}); activations are turned once for all rows of a task: 2.8, at 0.25 1.5, at
 *       0.01 7. In a training step at 0.25 the weight gradients take 0.3 of the time they took before.
 * </ol>
 *
 * <p>A task is some rows of the weight over a range of {@link TokenTile}s. The sums of the ranges are added in their
 * order.
 */
final class VectorSampledMatMul {
  /** Rows whose gradients share the second-level cache with the activations: whole windows. */
  private static final int MOST_ROWS = 4 * SparseBlocks.WINDOW;

  /** Ranges of tiles at most: each has sums of its own. */
  private static final int MOST_RANGES = 8;

  /** Slots whose products are summed over their lanes at a time, 2 KiB in 512-bit vectors. */
  private static final int BATCH = 128;

  private static final int LANES = Lanes.FLOATS.length();

  private final WorkerPool pool;
  private final VectorMatMul matMul;
  private final DenseWeight dense;
  private final SparseFormats formats;
  private final Scratch[] scratch;
  private final float[][] sums = new float[MOST_RANGES][0];

  /** What one worker works on. */
  private static final class Scratch {
    final TokenTile x = new TokenTile();
    final TokenTile dy = new TokenTile();
    MemorySegment products = MemorySegment.NULL;

    /** Makes room for the products of so many slots. */
    void reserve(int slots) {
      long bytes = (long) Math.ceilDiv(slots, LANES) * LANES / SparseBlocks.GROUP * LANES * Float.BYTES;
      if (products.byteSize() < bytes) {
        products = Arena.ofAuto().allocate(bytes, HostBuffer.ALIGNMENT);
      }
    }
  }

  VectorSampledMatMul(WorkerPool pool, VectorMatMul matMul, DenseWeight dense, SparseFormats formats) {
    this.pool = pool;
    this.matMul = matMul;
    this.dense = dense;
    this.formats = formats;
    this.scratch = new Scratch[pool.threads()];
    Arrays.setAll(scratch, worker -> new Scratch());
  }

  void run(SampledMatMul k) {
    Float32.require(k, k.out());
    SparseFormats.requireOpen(k);
    if (k.out().elements() == 0) {
      return;
    }
    SparsePlan plan = SparsePlan.ofSampledProduct(k.pattern());
    if (plan.isDense()) {
      View gradient = dense.room(k.pattern());
      matMul.run(MatMul.scaled(gradient, k.dy().transpose(), k.x(), k.alpha(), false));
      dense.gather(k.pattern(), gradient, k.out(), k.accumulate());
      return;
    }
    SparseBlocks blocks = formats.of(k.pattern(), false, plan);
    int tokens = Math.toIntExact(k.tokens());
    int tiles = Math.ceilDiv(tokens, SparseRows.TOKENS);
    int perRange = Math.max(1, Math.ceilDiv(tiles, MOST_RANGES));
    int ranges = Math.max(1, Math.ceilDiv(tiles, perRange));
    int[] cuts = blocks.cut(Math.ceilDiv(MOST_RANGES, ranges));
    int groups = cuts.length - 1;
    reserveSums(ranges, blocks.slots());
    if (tiles == 0) {
      Arrays.fill(sums[0], 0);
    }
    Matrices x = new Matrices(k.x());
    Matrices dy = new Matrices(k.dy());
    pool.run(Math.multiplyExact(ranges, groups), (task, worker) -> {
      int range = task / groups;
      int row = cuts[task % groups];
      int rows = cuts[task % groups + 1] - row;
      for (int tile = range * perRange; tile < Math.min(tiles, (range + 1) * perRange); tile++) {
        int token = tile * SparseRows.TOKENS;
        int existing = Math.min(SparseRows.TOKENS, tokens - token);
        for (int done = 0; done < rows; done += MOST_ROWS) {
          sample(blocks, x, dy, token, existing, row + done, Math.min(MOST_ROWS, rows - done), sums[range],
              tile > range * perRange, scratch[worker], done > 0);
        }
      }
    });
    float alpha = (float) k.alpha();
    MemorySegment out = HostBuffer.segmentOf(k.out());
    Chunks.run(pool, blocks.slots(), (from, to) -> {
      for (int range = 1; range < ranges; range++) {
        add(sums[range], sums[0], from, to);
      }
      for (int i = from; i < to; i++) {
        int number = blocks.numbers()[i];
        if (number >= 0) {
          long at = k.out().offset() + number;
          float old = k.accumulate() ? out.getAtIndex(ValueLayout.JAVA_FLOAT, at) : 0;
          out.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.fma(alpha, sums[0][i], old));
        }
      }
    });
  }

  private static void add(float[] terms, float[] sums, int from, int to) {
    for (int i = from; i < to; i++) {
      sums[i] += terms[i];
    }
  }

  private void sample(
      SparseBlocks blocks, Matrices x, Matrices dy, int token, int tokens, int row, int rows, float[] sum, boolean add,
      Scratch own, boolean again) {
    own.dy.reserve(rows);
    own.dy.load(dy, token, tokens, row, rows);
    for (int block = 0; block < blocks.blocks(); block++) {
      own.x.provide(blocks, block, x, token, tokens, again);
      int visit = block * blocks.rows() + row;
      int end = visit + rows;
      while (visit < end) {
        int first = blocks.starts()[visit];
        int next = visit + 1;
        while (next < end && blocks.starts()[next + 1] - first <= BATCH) {
          next++;
        }
        int slots = blocks.starts()[next] - first;
        own.reserve(slots);
        SparseRows.products(
            blocks, visit, next - visit, row, own.x.memory(), own.dy.memory(), own.products);
        if (add) {
          LaneSums.add(own.products, slots, sum, first);
        } else {
          LaneSums.write(own.products, slots, sum, first);
        }
        visit = next;
      }
    }
  }

  private void reserveSums(int ranges, int slots) {
    for (int range = 0; range < ranges; range++) {
      if (sums[range].length < slots) {
        sums[range] = new float[slots];
      }
    }
  }
}
