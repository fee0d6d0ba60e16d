package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products whose inner products come from a {@link Gemm}. Where nothing but α and an accumulating β remains to
 * be done, the library writes the result itself; else it writes the sums of a block beside it, and {@link VectorMatMul}
 * makes the result of them, epilogue included, while they are in a near cache.
 *
 * <p>Left to {@link VectorMatMul} altogether: element types the library does not take; α = 0, K = 0, and β = 0 with a
 * {@code c}, where libraries differ on what becomes of a NaN; row sums of anything but the transpose of one contiguous
 * matrix.
 */
final class GemmMatMul implements AutoCloseable {
  private final WorkerPool pool;
  private final VectorMatMul vector;
  private final ScaledSum sums;
  private final Gemm gemm;
  private final @Nullable HostBuffer[] blocks;

  GemmMatMul(WorkerPool pool, VectorMatMul vector, Gemm gemm) {
    this.pool = pool;
    this.vector = vector;
    this.sums = new ScaledSum(pool);
    this.gemm = gemm;
    this.blocks = new HostBuffer[pool.threads()];
  }

  void run(MatMul k) {
    if (!isForLibrary(k)) {
      vector.run(k);
      return;
    }
    if (k.epilogue() instanceof MatMul.Epilogue.RowSums(View out, boolean accumulate)) {
      sums.run(new Sum(out, k.a().transpose(), k.alpha(), accumulate));
    }
    Job job = new Job(k);
    int perTask = job.blocksPerTask();
    int count = Math.multiplyExact(Math.toIntExact(k.out().elements() / (k.m() * k.n())), job.cut.count());
    pool.run(Math.ceilDiv(count, perTask), (task, worker) -> {
      for (int i = task * perTask, end = Math.min(count, i + perTask); i < end; i++) {
        job.multiply(worker, i / job.cut.count(), i % job.cut.count());
      }
    });
  }

  /** Whether the library multiplies these factors as they are stored. */
  boolean takesFactors(MatMul k) {
    return isForLibrary(k);
  }

  /** Whether nothing but α and an accumulating β remains to be done, and the library writes the result itself. */
  boolean writesAlone(MatMul k) {
    boolean nothingElse = k.bias() == null
        && (k.epilogue() instanceof MatMul.Epilogue.None || k.epilogue() instanceof MatMul.Epilogue.RowSums)
        && (k.c() == null || (k.c().sameElementsAs(k.out()) && k.out().type() == DType.F32));
    return nothingElse && gemm.multiplies(k.a().type(), k.out().type());
  }

  private boolean isForLibrary(MatMul k) {
    DType factors = k.a().type();
    return k.b().type() == factors && gemm.multiplies(factors, DType.F32)
        && k.alpha() != 0 && k.k() > 0 && k.out().elements() > 0 && (k.c() == null || k.beta() != 0)
        && (!(k.epilogue() instanceof MatMul.Epilogue.RowSums)
            || (k.a().rank() == 2 && k.a().transpose().isContiguous()));
  }

  /** A product in blocks. */
  private final class Job {
    private final GemmBlocks cut;
    private final View a;
    private final View b;
    private final View out;
    private final int depth;
    private final double alpha;
    private final double beta;
    private final VectorMatMul.@Nullable Finish finish;

    Job(MatMul k) {
      a = k.a();
      b = k.b();
      out = k.out();
      depth = Math.toIntExact(k.k());
      cut = GemmBlocks.of(Math.toIntExact(k.m()), Math.toIntExact(k.n()), depth);
      boolean direct = writesAlone(k);
      alpha = direct ? k.alpha() : 1;
      beta = direct && k.c() != null ? k.beta() : 0;
      finish = direct ? null : vector.finish(k);
    }

    int blocksPerTask() {
      long work = (long) cut.rowsOf(0) * cut.columnsOf(0) * depth;
      return Math.toIntExact(Math.ceilDiv(Blocking.MIN_TASK_WORK, work));
    }

    void multiply(int worker, int matrix, int block) {
      int row = cut.firstRow(block);
      int column = cut.firstColumn(block);
      int rows = cut.rowsOf(block);
      int columns = cut.columnsOf(block);
      Gemm.Matrix left = part(a, matrix, row, 0);
      Gemm.Matrix right = part(b, matrix, 0, column);
      if (finish == null) {
        gemm.multiply(worker, rows, columns, depth, alpha, left, right, beta, part(out, matrix, row, column));
      } else {
        HostBuffer sums = block(worker, (long) rows * columns);
        gemm.multiply(worker, rows, columns, depth, alpha, left, right, beta,
            new Gemm.Matrix(sums.segment(), 0, DType.F32, columns, 1));
        finish.store(worker, sums.segment(), matrix, row, rows, column, columns);
      }
    }
  }

  private static Gemm.Matrix part(View view, int matrix, int row, int column) {
    long rowStride = view.stride(-2);
    long columnStride = view.stride(-1);
    long first = Matrices.start(view, matrix) + row * rowStride + column * columnStride;
    return new Gemm.Matrix(
        HostBuffer.segmentOf(view), first * view.type().bytes(), view.type(), rowStride, columnStride);
  }

  /** A worker's memory for the sums of one block; grows. */
  private HostBuffer block(int worker, long elements) {
    HostBuffer block = blocks[worker];
    long bytes = elements * Float.BYTES;
    if (block == null || block.byteSize() < bytes) {
      if (block != null) {
        block.close();
      }
      block = new HostBuffer("block of a product", bytes);
      blocks[worker] = block;
    }
    return block;
  }

  @Override
  public void close() {
    for (int i = 0; i < blocks.length; i++) {
      HostBuffer block = blocks[i];
      if (block != null) {
        block.close();
        blocks[i] = null;
      }
    }
    gemm.close();
  }
}
