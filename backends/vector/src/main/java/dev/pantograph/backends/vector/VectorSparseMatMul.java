package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The product with a sparse weight, {@code out = α·(x·op(W) + bias) + β·c}.
 *
 * <p>The ladder, in times of {@link VectorMatMul}'s dense product of 4096 tokens and a weight [1024, 1024] of density
 * 0.1, on two cores with 512-bit vectors:
 * <ol>
 *   <li>The reference follows every token through all non-zeros.
 *   <li>A vector holds one column of several tokens, so that a non-zero is one value times whole vectors; a row's sums
 *       stay in registers, the columns of a {@linkplain SparseBlocks block} in a cache: 2.3.
 *   <li>Activations enter and leave their tile by whole rows ({@link TokenTile}): 2.6.
 *   <li>Rows of equal numbers of non-zeros follow each other, so that the end of a row is foreseen: 2.9, at density
 *       0.25 1.8, at 0.01 8.
 * </ol>
 *
 * <p>What is left: a vector is loaded for each multiply-add, and of such loads the first-level cache was seen to serve
 * little more than one a cycle. Above the density where that costs more than multiplying zeros, the weight is filled up
 * with them ({@link SparsePlan}).
 *
 * <p>A task is a {@link TokenTile} and some rows of the weight, of about equal numbers of non-zeros. It sums an element
 * over all {@linkplain SparseBlocks blocks} of columns in turn.
 */
final class VectorSparseMatMul {
  /** Rows of a task at most, whose sums share the second-level cache with what is multiplied. */
  private static final int MOST_ROWS = 2048;

  /** Columns of a tile at most, a multiple of every width of a block. */
  private static final int MOST_COLUMNS = 4096;

  /** Tokens of a tile. */
  private static final int TOKENS = SparseRows.VECTORS * Lanes.FLOATS.length();

  /** Tasks wanted of a product. */
  private static final int WANTED_TASKS = 16;

  private static final int LANES = Lanes.FLOATS.length();

  private final WorkerPool pool;
  private final VectorMatMul matMul;
  private final DenseWeight dense;
  private final Scratch[] scratch;
  private final SparseFormats formats;
  private float[] values = new float[0];
  private float[] bias = new float[0];

  /** What one worker works on. */
  private static final class Scratch {
    final TokenTile x = new TokenTile(SparseRows.VECTORS);
    final TokenTile y = new TokenTile(SparseRows.VECTORS);
  }

  VectorSparseMatMul(WorkerPool pool, VectorMatMul matMul, DenseWeight dense, SparseFormats formats) {
    this.pool = pool;
    this.matMul = matMul;
    this.dense = dense;
    this.formats = formats;
    this.scratch = new Scratch[pool.threads()];
    Arrays.setAll(scratch, worker -> new Scratch());
  }

  void run(SparseMatMul k) {
    Float32.require(k, k.out());
    SparseFormats.requireOpen(k);
    if (k.out().elements() == 0) {
      return;
    }
    SparsePlan plan = SparsePlan.ofProduct(k.pattern());
    if (plan.isDense()) {
      View weight = dense.scatter(k.pattern(), k.values());
      matMul.run(new MatMul(k.out(), k.x(), k.transposed() ? weight.transpose() : weight, k.alpha(), k.bias(),
          k.beta(), k.c()));
      return;
    }
    SparseBlocks blocks = formats.of(k.pattern(), !k.transposed(), plan);
    loadValues(k.values(), blocks);
    loadBias(k.bias(), blocks.rows());
    int tokens = Math.toIntExact(k.tokens());
    int tiles = Math.ceilDiv(tokens, TOKENS);
    int[] cuts = blocks.cut(Math.ceilDiv(WANTED_TASKS, tiles), MOST_ROWS);
    int groups = cuts.length - 1;
    Matrices x = new Matrices(k.x());
    Matrices out = new Matrices(k.out());
    Matrices c = k.c() == null ? null : new Matrices(k.c());
    pool.run(Math.multiplyExact(tiles, groups), (task, worker) -> {
      int token = task / groups * TOKENS;
      int existing = Math.min(TOKENS, tokens - token);
      int row = cuts[task % groups];
      int rows = cuts[task % groups + 1] - row;
      multiply(blocks, x, token, existing, row, rows, scratch[worker]);
      scratch[worker].y.store(
          rows, (float) k.alpha(), bias, (float) k.beta(), c, out, token, existing, row);
    });
  }

  private void multiply(SparseBlocks blocks, Matrices x, int token, int tokens, int row, int rows, Scratch own) {
    own.x.reserve(Math.min(MOST_COLUMNS, blocks.columns()));
    own.y.reserve(rows);
    if (blocks.blocks() == 0) {
      own.y.memory().fill((byte) 0);
    }
    for (int block = 0; block < blocks.blocks(); block++) {
      int column = block * blocks.width();
      if (column % MOST_COLUMNS == 0) {
        own.x.load(x, token, tokens, column, Math.min(MOST_COLUMNS, blocks.columns() - column));
      }
      MemorySegment tile = own.x.memory().asSlice((long) column % MOST_COLUMNS * SparseRows.BYTES);
      SparseRows.multiply(tile, blocks.order(), blocks.starts(), block * blocks.rows() + row, rows, row,
          blocks.places(), values, own.y.memory(), block > 0);
    }
  }

  /** The weight's values in the order of the blocks. */
  private void loadValues(View view, SparseBlocks blocks) {
    if (values.length < blocks.nonZeros()) {
      values = new float[blocks.nonZeros()];
    }
    MemorySegment source = HostBuffer.segmentOf(view);
    Chunks.run(pool, blocks.nonZeros(), (from, to) -> {
      for (int i = from; i < to; i++) {
        values[i] = source.getAtIndex(ValueLayout.JAVA_FLOAT, view.offset() + blocks.numbers()[i]);
      }
    });
  }

  /** The bias, then zeros for a whole vector; zeros if absent. */
  private void loadBias(@Nullable View view, int size) {
    if (bias.length < size + LANES) {
      bias = new float[size + LANES];
    }
    Arrays.fill(bias, 0);
    if (view != null) {
      MemorySegment.copy(
          HostBuffer.segmentOf(view), ValueLayout.JAVA_FLOAT, view.byteOffset(), bias, 0, size);
    }
  }
}
