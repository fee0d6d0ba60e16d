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
 *   <li>Tiles of twice as many tokens, which halves the adding up, and whole rows of activations into them
 *       ({@link TokenTile}): 2.5, at density 0.25 1.2, at 0.01 7.
 * </ol>
 *
 * <p>A task is some rows of the weight over a range of {@link TokenTile}s. The sums of the ranges are added in their
 * order.
 */
final class VectorSampledMatMul {
  /** Rows of a task at most, whose gradients share the second-level cache with the activations. */
  private static final int MOST_ROWS = 1024;

  /** Columns of a tile at most, a multiple of every width of a block. */
  private static final int MOST_COLUMNS = 1024;

  /** Tokens of a tile. */
  private static final int TOKENS = SparseRows.SAMPLED_VECTORS * Lanes.FLOATS.length();

  /** Ranges of tiles at most: each has sums of its own. */
  private static final int MOST_RANGES = 8;

  /** Non-zeros whose products are summed over their lanes at a time, 8 KiB in 512-bit vectors. */
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
    final TokenTile x = new TokenTile(SparseRows.SAMPLED_VECTORS);
    final TokenTile dy = new TokenTile(SparseRows.SAMPLED_VECTORS);
    MemorySegment products = MemorySegment.NULL;

    /** Makes room for so many vectors of products. */
    void reserve(int vectors) {
      long bytes = (long) vectors * LANES * Float.BYTES;
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
    int tiles = Math.ceilDiv(tokens, TOKENS);
    int perRange = Math.max(1, Math.ceilDiv(tiles, MOST_RANGES));
    int ranges = Math.ceilDiv(tiles, perRange);
    int[] cuts = blocks.cut(Math.ceilDiv(MOST_RANGES, Math.max(1, ranges)), MOST_ROWS);
    int groups = cuts.length - 1;
    reserveSums(ranges, blocks.nonZeros());
    Matrices x = new Matrices(k.x());
    Matrices dy = new Matrices(k.dy());
    pool.run(Math.multiplyExact(ranges, groups), (task, worker) -> {
      int range = task / groups;
      int row = cuts[task % groups];
      int rows = cuts[task % groups + 1] - row;
      for (int tile = range * perRange; tile < Math.min(tiles, (range + 1) * perRange); tile++) {
        int token = tile * TOKENS;
        sample(blocks, x, dy, token, Math.min(TOKENS, tokens - token), row, rows, sums[range],
            tile > range * perRange, scratch[worker]);
      }
    });
    float alpha = (float) k.alpha();
    MemorySegment out = HostBuffer.segmentOf(k.out());
    Chunks.run(pool, blocks.nonZeros(), (from, to) -> {
      for (int i = from; i < to; i++) {
        float sum = 0;
        for (int range = 0; range < ranges; range++) {
          sum += sums[range][i];
        }
        long at = k.out().offset() + blocks.numbers()[i];
        float old = k.accumulate() ? out.getAtIndex(ValueLayout.JAVA_FLOAT, at) : 0;
        out.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.fma(alpha, sum, old));
      }
    });
  }

  private void sample(
      SparseBlocks blocks, Matrices x, Matrices dy, int token, int tokens, int row, int rows, float[] sum, boolean add,
      Scratch own) {
    own.x.reserve(Math.min(MOST_COLUMNS, blocks.columns()));
    own.dy.reserve(rows);
    own.dy.load(dy, token, tokens, row, rows);
    for (int block = 0; block < blocks.blocks(); block++) {
      int column = block * blocks.width();
      if (column % MOST_COLUMNS == 0) {
        own.x.load(x, token, tokens, column, Math.min(MOST_COLUMNS, blocks.columns() - column));
      }
      MemorySegment tile = own.x.memory().asSlice(
          (long) column % MOST_COLUMNS * SparseRows.SAMPLED_BYTES);
      for (int from = 0; from < rows; ) {
        int first = blocks.start(block, row + from);
        int to = from + 1;
        while (to < rows && blocks.start(block, row + to + 1) - first <= BATCH) {
          to++;
        }
        int count = blocks.start(block, row + to) - first;
        own.reserve(Math.ceilDiv(count, LANES) * LANES);
        SparseRows.products(tile, own.dy.memory(), blocks.order(), blocks.starts(),
            block * blocks.rows() + row + from, to - from, row, blocks.places(), own.products);
        LaneSums.reduce(own.products, count, sum, first, add);
        from = to;
      }
    }
  }

  private void reserveSums(int ranges, int nonZeros) {
    for (int range = 0; range < ranges; range++) {
      if (sums[range].length < nonZeros) {
        sums[range] = new float[nonZeros];
      }
    }
  }
}
