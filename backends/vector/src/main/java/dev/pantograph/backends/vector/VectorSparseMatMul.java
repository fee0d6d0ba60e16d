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
 *   <li>Rows of equal numbers of non-zeros follow each other, so that the end of a row is foreseen: 2.9.
 *   <li>Tiles of eight vectors, as many sums as multiply-adds are under way, in loops without checks
 *       ({@link SparseRows}); activations are turned once for all rows of a task: 3.1, at density 0.25 1.8, at 0.01 6.6.
 *       No gain in a training step.
 * </ol>
 *
 * <p>What is left: a vector is loaded for each multiply-add, and a row's sums come from the second-level cache and go
 * back to it in each block. The loops alone reach 0.55 of one core's peak at density 0.25, 0.44 at 0.1 and 0.33 at
 * 0.01, where the columns come from the second level too; loads from the first level in a row would allow 0.83. Above
 * the density where that costs more than multiplying zeros, the weight is filled up with them ({@link SparsePlan}).
 *
 * <p>A task is a {@link TokenTile} and some rows of the weight, of about equal numbers of non-zeros. It sums an element
 * over all {@linkplain SparseBlocks blocks} of columns in turn.
 */
final class VectorSparseMatMul {
  /** Rows whose sums share the second-level cache with what is multiplied: whole windows. */
  private static final int MOST_ROWS = 4 * SparseBlocks.WINDOW;

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
    final TokenTile x = new TokenTile();
    final TokenTile y = new TokenTile();
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
    int tiles = Math.ceilDiv(tokens, SparseRows.TOKENS);
    int[] cuts = blocks.cut(Math.ceilDiv(WANTED_TASKS, tiles));
    int groups = cuts.length - 1;
    Matrices x = new Matrices(k.x());
    Matrices out = new Matrices(k.out());
    Matrices c = k.c() == null ? null : new Matrices(k.c());
    pool.run(Math.multiplyExact(tiles, groups), (task, worker) -> {
      int token = task / groups * SparseRows.TOKENS;
      int existing = Math.min(SparseRows.TOKENS, tokens - token);
      int row = cuts[task % groups];
      int rows = cuts[task % groups + 1] - row;
      TokenTile y = scratch[worker].y;
      for (int done = 0; done < rows; done += MOST_ROWS) {
        int some = Math.min(MOST_ROWS, rows - done);
        multiply(blocks, x, token, existing, row + done, some, scratch[worker], done > 0);
        y.store(some, (float) k.alpha(), bias, (float) k.beta(), c, out, token, existing, row + done);
      }
    });
  }

  private void multiply(
      SparseBlocks blocks, Matrices x, int token, int tokens, int row, int rows, Scratch own, boolean again) {
    own.y.reserve(rows);
    own.y.clear(rows);
    for (int block = 0; block < blocks.blocks(); block++) {
      own.x.provide(blocks, block, x, token, tokens, again);
      SparseRows.multiply(
          blocks, block * blocks.rows() + row, rows, row, own.x.memory(), values, own.y.memory());
    }
  }

  /** The weight's values in their slots. */
  private void loadValues(View view, SparseBlocks blocks) {
    if (values.length < blocks.slots()) {
      values = new float[blocks.slots()];
    }
    MemorySegment source = HostBuffer.segmentOf(view);
    Chunks.run(pool, blocks.slots(), (from, to) -> {
      for (int i = from; i < to; i++) {
        int number = blocks.numbers()[i];
        values[i] = number < 0 ? 0 : source.getAtIndex(ValueLayout.JAVA_FLOAT, view.offset() + number);
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
