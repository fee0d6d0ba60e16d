package dev.pantograph.backends.vector;

import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Token lookup with positions, {@code out[b, t] = scale·(table[tokens[b, t]] + positions[t])}, and its gradient.
 *
 * <p>The lookup is cut by positions. For the gradient, positions are sorted by token, and the tasks share out the tokens
 * and blocks of columns: a row of the table that many positions share needs neither locks nor copies and is always
 * summed in order of (b, t). So are the rows of dPositions, which the tasks share out by time.
 */
final class VectorEmbedding {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  /** A page of memory: long enough to be read at its speed, short enough to divide a frequent token's work. */
  private static final int COLUMNS_PER_TASK = 1024;

  /** Elements of dOut worth a task. */
  private static final int ELEMENTS_PER_TASK = 1 << 14;

  private final WorkerPool pool;
  private final Occurrences occurrences = new Occurrences();

  VectorEmbedding(WorkerPool pool) {
    this.pool = pool;
  }

  void run(Embedding k) {
    Float32.require(k, k.out());
    TokenIndices tokens = new TokenIndices(k.tokens());
    tokens.requireBelow(k.table().size(0), k, "tokens");
    int width = Math.toIntExact(k.out().size(2));
    long time = k.out().size(1);
    Matrix out = new Matrix(k.out(), width);
    Matrix table = new Matrix(k.table(), width);
    View positionsView = k.positions();
    Matrix positions = positionsView == null ? null : new Matrix(positionsView, width);
    float scale = (float) k.scale();
    RowChunks chunks = RowChunks.of(k.out().shape().rows(), width);
    pool.run(chunks.tasks(), (task, worker) -> {
      for (int i = 0; i < chunks.rowsOf(task); i++) {
        long r = chunks.firstRow(task) + i;
        long position = positions == null ? 0 : positions.row(r % time);
        lookUp(out, out.row(r), table, table.row(tokens.at(r)), positions, position, width, scale);
      }
    });
  }

  void run(EmbeddingGradient k) {
    Float32.require(k, k.dOut());
    TokenIndices tokens = new TokenIndices(k.tokens());
    int vocabulary = Math.toIntExact(k.dTable().size(0));
    tokens.requireBelow(vocabulary, k, "tokens");
    int width = Math.toIntExact(k.dOut().size(2));
    Matrix dOut = new Matrix(k.dOut(), width);
    Matrix dTable = new Matrix(k.dTable(), width);
    View dPositionsView = k.dPositions();
    // Looked up before the first write, so that a closed buffer is refused while nothing is half done.
    Matrix dPositions = dPositionsView == null ? null : new Matrix(dPositionsView, width);
    float scale = (float) k.scale();
    int blocks = Math.max(1, Math.ceilDiv(width, COLUMNS_PER_TASK));
    int rows = Math.toIntExact(k.dOut().shape().rows());
    occurrences.sort(tokens, rows, vocabulary, Math.max(1, ELEMENTS_PER_TASK / Math.max(1, width)) * blocks);
    pool.run(Math.multiplyExact(occurrences.tasks(), blocks), (task, worker) -> {
      int from = task % blocks * COLUMNS_PER_TASK;
      int n = Math.min(COLUMNS_PER_TASK, width - from);
      long skip = (long) Float.BYTES * from;
      for (int i = occurrences.start(task / blocks); i < occurrences.start(task / blocks + 1); i++) {
        int r = occurrences.position(i);
        addScaled(dTable, dTable.row(tokens.at(r)) + skip, dOut, dOut.row(r) + skip, n, scale);
      }
    });
    if (dPositions != null) {
      long time = k.dOut().size(1);
      RowChunks chunks = RowChunks.of(time, width);
      pool.run(chunks.tasks(), (task, worker) -> {
        // Rows that follow each other in dOut are read one after another; their sums stay in a cache.
        for (long r = chunks.firstRow(task); r < rows; r += time) {
          for (int i = 0; i < chunks.rowsOf(task); i++) {
            addScaled(dPositions, dPositions.row(chunks.firstRow(task) + i), dOut, dOut.row(r + i), width, scale);
          }
        }
      });
    }
  }

  private static void lookUp(Matrix out, long outAt, Matrix table, long tableAt, @Nullable Matrix positions,
      long positionAt, int n, float scale) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector e = FloatVector.fromMemorySegment(F, table.segment, tableAt + at, ORDER);
      if (positions != null) {
        e = e.add(FloatVector.fromMemorySegment(F, positions.segment, positionAt + at, ORDER));
      }
      e.mul(scale).intoMemorySegment(out.segment, outAt + at, ORDER);
    }
    if (bound < n) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector e = FloatVector.fromMemorySegment(F, table.segment, tableAt + at, ORDER, rest);
      if (positions != null) {
        e = e.add(FloatVector.fromMemorySegment(F, positions.segment, positionAt + at, ORDER, rest));
      }
      e.mul(scale).intoMemorySegment(out.segment, outAt + at, ORDER, rest);
    }
  }

  private static void addScaled(Matrix sum, long sumAt, Matrix x, long xAt, int n, float scale) {
    FloatVector factor = FloatVector.broadcast(F, scale);
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector old = FloatVector.fromMemorySegment(F, sum.segment, sumAt + at, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(F, x.segment, xAt + at, ORDER);
      g.fma(factor, old).intoMemorySegment(sum.segment, sumAt + at, ORDER);
    }
    if (bound < n) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector old = FloatVector.fromMemorySegment(F, sum.segment, sumAt + at, ORDER, rest);
      FloatVector g = FloatVector.fromMemorySegment(F, x.segment, xAt + at, ORDER, rest);
      g.fma(factor, old).intoMemorySegment(sum.segment, sumAt + at, ORDER, rest);
    }
  }

  /** Contiguous rows of equal width in memory. */
  private static final class Matrix {
    private final MemorySegment segment;
    private final long start;
    private final long rowBytes;

    Matrix(View view, int width) {
      segment = HostBuffer.segmentOf(view);
      start = view.byteOffset();
      rowBytes = (long) Float.BYTES * width;
    }

    long row(long r) {
      return start + r * rowBytes;
    }
  }
}
