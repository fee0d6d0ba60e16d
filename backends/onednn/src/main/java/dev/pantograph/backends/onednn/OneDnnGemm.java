package dev.pantograph.backends.onednn;

import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Blocks of products by oneDNN, one thread each. Each worker has a stream and primitives of its own: the library allows
 * several threads to execute primitives, but not to share their scratch memory.
 */
final class OneDnnGemm implements Gemm {
  /** Primitives that a worker keeps: a model has some dozen shapes of blocks. */
  private static final int KEPT = 256;

  private static final float INITIAL_LOAD = 0.75f;

  private final OneDnn library;
  private final MemorySegment engine;
  private final Worker[] workers;
  private final boolean bfloat16;
  private boolean closed;

  /** What one worker executes on. */
  private final class Worker {
    final MemorySegment stream = library.newStream(engine);

    final Map<MatMulPrimitive.Key, MatMulPrimitive> primitives = new LinkedHashMap<>(16, INITIAL_LOAD, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<MatMulPrimitive.Key, MatMulPrimitive> eldest) {
        if (size() <= KEPT) {
          return false;
        }
        eldest.getValue().close();
        return true;
      }
    };

    final AdjacentCopy left = new AdjacentCopy();
    final AdjacentCopy right = new AdjacentCopy();
    final AdjacentCopy result = new AdjacentCopy();

    void close() {
      left.close();
      right.close();
      result.close();
      primitives.values().forEach(MatMulPrimitive::close);
      library.destroy("dnnl_stream_destroy", stream);
    }
  }

  OneDnnGemm(OneDnn library, int workers) {
    this.library = library;
    this.engine = library.newEngine();
    this.workers = new Worker[workers];
    Arrays.setAll(this.workers, worker -> new Worker());
    this.bfloat16 = multipliesBfloat16(library, engine);
  }

  /** Whether the library has a kernel for bfloat16 on this processor, not only loops in C++. */
  static boolean multipliesBfloat16(OneDnn library) {
    MemorySegment engine = library.newEngine();
    try {
      return multipliesBfloat16(library, engine);
    } finally {
      library.destroy("dnnl_engine_destroy", engine);
    }
  }

  private static boolean multipliesBfloat16(OneDnn library, MemorySegment engine) {
    int size = 64;
    MatMulPrimitive.Layout layout = new MatMulPrimitive.Layout(DType.BF16, size, 1);
    int threads = library.useOneThread();
    try (MatMulPrimitive primitive =
        new MatMulPrimitive(library, engine, new MatMulPrimitive.Key(size, size, size, layout, layout, layout, 1, 0))) {
      return !primitive.implementation().startsWith("ref");
    } catch (ForeignCallException _) {
      return false;
    } finally {
      library.restoreThreads(threads);
    }
  }

  @Override
  public boolean multiplies(DType factors, DType result) {
    return (factors == DType.F32 && result == DType.F32)
        || (bfloat16 && factors == DType.BF16 && (result == DType.BF16 || result == DType.F32));
  }

  @Override
  public void multiply(int worker, int m, int n, int k, double alpha, Matrix a, Matrix b, double beta, Matrix out) {
    Worker own = workers[worker];
    Matrix left = own.left.of(a, m, k);
    Matrix right = own.right.of(b, k, n);
    Matrix result = own.result.of(out, m, n);
    if (left != a) {
      AdjacentCopy.copy(a, left, m, k);
    }
    if (right != b) {
      AdjacentCopy.copy(b, right, k, n);
    }
    if (result != out && beta != 0) {
      AdjacentCopy.copy(out, result, m, n);
    }
    execute(own, MatMulPrimitive.Key.of(m, n, k, alpha, left, right, beta, result), left, right, result);
    if (result != out) {
      AdjacentCopy.copy(result, out, m, n);
    }
  }

  private void execute(Worker own, MatMulPrimitive.Key key, Matrix a, Matrix b, Matrix out) {
    int threads = library.useOneThread();
    try {
      own.primitives.computeIfAbsent(key, missing -> new MatMulPrimitive(library, engine, missing))
          .execute(own.stream, a, b, out);
    } finally {
      library.restoreThreads(threads);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (Worker worker : workers) {
        worker.close();
      }
      library.destroy("dnnl_engine_destroy", engine);
    }
  }
}
