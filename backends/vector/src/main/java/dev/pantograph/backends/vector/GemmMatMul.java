package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products whose inner products come from a {@link Gemm}. Where nothing but α and an accumulating β remains to
 * be done, the library writes the result itself; else it writes the sums of a block beside it, and {@link GemmEpilogue}
 * makes the result of them while they are in a near cache.
 *
 * <p>Not for the library: element types it does not take; α = 0, K = 0, and β = 0 with a {@code c}, where libraries
 * differ on what becomes of a NaN; row sums of anything but the transpose of one contiguous matrix; strides that 32
 * bits do not hold.
 */
final class GemmMatMul implements AutoCloseable {
  private final WorkerPool pool;
  private final Gemm gemm;
  private final Consumer<Sum> sums;
  private final Worker[] workers;
  private float[] bias = new float[0];

  /** Memory of one worker. */
  private static final class Worker {
    final GemmEpilogue.Row row = new GemmEpilogue.Row();
    @Nullable HostBuffer block;

    /** For the sums of one block; grows. */
    MemorySegment block(long elements) {
      long bytes = elements * Float.BYTES;
      if (block == null || block.byteSize() < bytes) {
        close();
        block = new HostBuffer("block of a product", bytes);
      }
      return block.segment();
    }

    void close() {
      if (block != null) {
        block.close();
        block = null;
      }
    }
  }

  /** Row sums are not the library's to compute: {@code sums} does. */
  GemmMatMul(WorkerPool pool, Gemm gemm, Consumer<Sum> sums) {
    this.pool = pool;
    this.gemm = gemm;
    this.sums = sums;
    this.workers = new Worker[pool.threads()];
    Arrays.setAll(workers, worker -> new Worker());
  }

  /** How this product is computed that is none for the library, and why; null if it is one. */
  private @Nullable String refusal(MatMul k) {
    if (k.b().type() != k.a().type() || !gemm.multiplies(k.a().type(), DType.F32)) {
      return "on float32 copies: the library does not multiply these element types";
    }
    if (k.out().elements() == 0 || k.k() == 0) {
      return "not by the library: nothing is multiplied";
    }
    if (k.alpha() == 0 || (k.c() != null && k.beta() == 0)) {
      return "not by the library: libraries differ on what 0 times NaN is";
    }
    if (!hasShortStrides(k.a()) || !hasShortStrides(k.b()) || !hasShortStrides(k.out())) {
      return "not by the library: strides beyond 32 bits";
    }
    return k.epilogue() instanceof MatMul.Epilogue.RowSums && (k.a().rank() != 2 || !k.a().transpose().isContiguous())
        ? "not by the library: row sums of a matrix that is not the transpose of a contiguous one" : null;
  }

  /** Whether this is a product for the library. */
  boolean takes(MatMul k) {
    return refusal(k) == null;
  }

  /** Who computes this product, and why. */
  String explain(MatMul k) {
    String refusal = refusal(k);
    return refusal == null ? "by the library" : refusal;
  }

  private static boolean hasShortStrides(View view) {
    return Math.max(view.stride(-1), view.stride(-2)) <= Integer.MAX_VALUE;
  }

  /** Runs a product that it {@linkplain #takes takes}. The library has addresses: no buffer can be closed meanwhile. */
  void run(MatMul k) {
    List<Kernel.Operand> operands = k.operands();
    int held = 0;
    try {
      while (held < operands.size()) {
        bufferOf(operands.get(held)).hold();
        held++;
      }
      multiply(k);
    } finally {
      while (held > 0) {
        held--;
        bufferOf(operands.get(held)).release();
      }
    }
  }

  private static HostBuffer bufferOf(Kernel.Operand operand) {
    return HostBuffer.of(operand.view().buffer());
  }

  private void multiply(MatMul k) {
    if (k.epilogue() instanceof MatMul.Epilogue.RowSums(View out, boolean accumulate)) {
      sums.accept(new Sum(out, k.a().transpose(), k.alpha(), accumulate));
    }
    Job job = new Job(k);
    int perTask = job.blocksPerTask();
    int count = Math.multiplyExact(Math.toIntExact(k.out().elements() / (k.m() * k.n())), job.cut.count());
    pool.run(Math.ceilDiv(count, perTask), (task, worker) -> {
      int first = task * perTask;
      for (int i = first; i < Math.min(count, first + perTask); i++) {
        job.multiply(worker, i / job.cut.count(), i % job.cut.count());
      }
    });
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
    private final @Nullable GemmEpilogue epilogue;

    Job(MatMul k) {
      a = k.a();
      b = k.b();
      out = k.out();
      depth = Math.toIntExact(k.k());
      cut = GemmBlocks.of(Math.toIntExact(k.m()), Math.toIntExact(k.n()), depth);
      boolean nothingElse = k.bias() == null
          && (k.epilogue() instanceof MatMul.Epilogue.None || k.epilogue() instanceof MatMul.Epilogue.RowSums)
          && (k.c() == null || (k.c().sameElementsAs(out) && out.type() == DType.F32));
      boolean direct = nothingElse && gemm.multiplies(a.type(), out.type());
      alpha = direct ? k.alpha() : 1;
      beta = direct && k.c() != null ? k.beta() : 0;
      epilogue = direct ? null : new GemmEpilogue(k, biasOf(k));
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
      if (epilogue == null) {
        gemm.multiply(worker, rows, columns, depth, alpha, left, right, beta, part(out, matrix, row, column));
      } else {
        MemorySegment sums = workers[worker].block((long) rows * columns);
        gemm.multiply(worker, rows, columns, depth, alpha, left, right, beta,
            new Gemm.Matrix(sums, 0, DType.F32, columns, 1));
        epilogue.store(sums, matrix, row, rows, column, columns, workers[worker].row);
      }
    }
  }

  /** Memory for the bias; kept for the next product. */
  private float[] biasOf(MatMul k) {
    int length = GemmEpilogue.biasLength(k);
    if (bias.length < length) {
      bias = new float[length];
    }
    return bias;
  }

  private static Gemm.Matrix part(View view, int matrix, int row, int column) {
    long rowStride = view.stride(-2);
    long columnStride = view.stride(-1);
    long first = Matrices.start(view, matrix) + row * rowStride + column * columnStride;
    return new Gemm.Matrix(
        HostBuffer.segmentOf(view), first * view.type().bytes(), view.type(), rowStride, columnStride);
  }

  @Override
  public void close() {
    for (Worker worker : workers) {
      worker.close();
    }
    gemm.close();
  }
}
