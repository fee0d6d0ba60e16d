package dev.pantograph.backends.vector;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product {@code z = α·(a·b + bias) + β·c} and its epilogue, {@code a} [..., M, K], {@code b} [..., K, N], by
 * the layered method of Goto and van de Geijn ("Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008).
 *
 * <p>The ladder, with the share of one core's peak at M = N = K = 1024 in 512-bit vectors:
 * <ol>
 *   <li>A plain triple loop, as in the reference, waits for memory and for each addition: 2 %.
 *   <li>Adding multiples of whole rows of {@code b} uses vectors, but loads and stores a sum for each multiply-add:
 *       30 %.
 *   <li>A register tile ({@link Tile12x2}) loads each value once for many multiply-adds. Packing ({@link RightPanels},
 *       {@link LeftPanels}) turns its reads into streams, whatever the strides, and blocking ({@link Blocking}) keeps
 *       the streams in the nearest caches: 86 %.
 *   <li>Sums stay in registers over a thousand steps of depth, {@code a} is packed once for all columns, and a
 *       transposing copy ({@link PanelPacking}) works on whole vectors: 82 % of another processor, 1.06 times OpenBLAS
 *       in the same run (docs/results/cpu.md).
 *   <li>Tasks over rows and columns, cut by {@link Blocking}, bring the other cores in.
 *   <li>A transposed left matrix is packed once, by all workers, and its row sums are taken there: weight gradients
 *       gain 1 to 28 % on two threads, the most where they are small; that of a large vocabulary loses 3 to 5 %.
 *   <li>An activation, or its slope, meets a finished tile in one loop on its way to memory: 7 to 13 % of the product.
 *   <li>Few rows with a right matrix stored by columns are not packed at all ({@link ColumnDots}): 3 to 7 times as
 *       fast for one row, 2.4 to 5.7 for 5 to 16 rows times 3072×768 or 768×3072, where four rows share each load.
 * </ol>
 *
 * <p>Work goes in stages that bound the packed memory: all workers pack the stage's part of {@code b}, then all
 * multiply. An element of the result is one chain of multiply-adds per block of depth, the blocks added in order,
 * wherever it lies; in a product of few rows, one chain for each lane of a vector.
 */
final class VectorMatMul {
  private static final int TILE = LeftPanels.ROWS * RightPanels.WIDTH;

  /** Columns packed by one task. */
  private static final int PACK_COLUMNS = 4 * RightPanels.WIDTH;

  /** Rows packed by one task: runs of whole cache lines in memory. */
  private static final int PACK_ROWS = 96 / LeftPanels.ROWS * LeftPanels.ROWS;

  private final WorkerPool pool;
  private final Tasks byAll;
  private final Scratch[] scratch;
  private final Packed shared = new Packed();
  private float[] bias = new float[0];

  /** What one worker works on. */
  private static final class Scratch {
    final LeftRows left = new LeftRows();
    final float[] squares = new float[PanelPacking.SQUARES];
    final float[] tile = new float[TILE];
    final float[] slopes = new float[TILE];
    final float[] lanes = new float[LeftPanels.SUMS];
    final float[] dots = new float[ColumnDots.SUMS];
    final Packed own = new Packed();
  }

  /** What the tasks of one product share. */
  private static final class Packed {
    float[] left = new float[0];
    float[] right = new float[0];
    float[] sums = new float[0];

    /** Block of depth after block, the row sums of the left matrix over each. */
    float[] rowSums = new float[0];

    void reserve(Job job) {
      Blocking cut = job.cut;
      left = room(left, job.packLeft ? cut.stageBlocks() * cut.leftBlockFloats() : 0);
      right = room(right, cut.stageFloats());
      sums = room(sums, cut.sumFloats());
      rowSums = room(rowSums, job.epilogue instanceof MatMul.Epilogue.RowSums ? cut.blocks() * cut.rows() : 0);
    }

    private static float[] room(float[] memory, int floats) {
      return memory.length < floats ? new float[floats] : memory;
    }
  }

  /** Who runs tasks: the pool, or one worker alone. */
  private interface Tasks {
    void run(int count, WorkerPool.Task task);
  }

  VectorMatMul(WorkerPool pool) {
    this.pool = pool;
    this.byAll = pool::run;
    this.scratch = new Scratch[pool.threads()];
    Arrays.setAll(scratch, worker -> new Scratch());
  }

  void run(MatMul k) {
    Float32.require(k, k.out());
    if (k.out().elements() == 0) {
      return;
    }
    Job job = new Job(k);
    loadBias(k.bias(), job.cut);
    int matrices = Math.toIntExact(k.out().elements() / (k.m() * k.n()));
    long work = k.m() * k.n() * Math.max(1, k.k());
    if (work >= 2 * Blocking.MIN_TASK_WORK) {
      for (int matrix = 0; matrix < matrices; matrix++) {
        job.multiply(matrix, shared, byAll);
      }
    } else {
      multiplySmall(job, matrices, Math.toIntExact(Math.ceilDiv(Blocking.MIN_TASK_WORK, work)));
    }
  }

  /** Each matrix by one worker alone. */
  private void multiplySmall(Job job, int matrices, int perTask) {
    pool.run(Math.ceilDiv(matrices, perTask), (task, worker) -> {
      int end = Math.min(matrices, (task + 1) * perTask);
      for (int matrix = task * perTask; matrix < end; matrix++) {
        job.multiply(matrix, scratch[worker].own, (count, part) -> {
          for (int i = 0; i < count; i++) {
            part.run(i, worker);
          }
        });
      }
    });
  }

  /** The bias padded to whole panels; zeros if absent. */
  private void loadBias(@Nullable View view, Blocking cut) {
    int padded = Math.ceilDiv(cut.columns(), RightPanels.WIDTH) * RightPanels.WIDTH;
    if (bias.length < padded) {
      bias = new float[padded];
    }
    Arrays.fill(bias, 0, padded, 0);
    if (view != null) {
      MemorySegment source = HostBuffer.segmentOf(view);
      MemorySegment.copy(source, ValueLayout.JAVA_FLOAT, view.byteOffset(), bias, 0, cut.columns());
    }
  }

  /** A product on its way through the stages. */
  private final class Job {
    private final Blocking cut;
    private final Matrices a;
    private final Matrices b;
    private final Matrices out;
    private final @Nullable Matrices c;
    private final float alpha;
    private final float beta;
    private final MatMul.Epilogue epilogue;
    private final @Nullable Matrices preActivation;
    private final boolean packLeft;

    Job(MatMul k) {
      a = new Matrices(k.a());
      b = new Matrices(k.b());
      out = new Matrices(k.out());
      c = k.c() == null ? null : new Matrices(k.c());
      alpha = (float) k.alpha();
      beta = (float) k.beta();
      epilogue = k.epilogue();
      preActivation = switch (epilogue) {
        case MatMul.Epilogue.Activation(View view, var _) -> new Matrices(view);
        case MatMul.Epilogue.ActivationGradient(View view, var _) -> new Matrices(view);
        case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> null;
      };
      packLeft = !a.byRows();
      cut = Blocking.of(Math.toIntExact(k.m()), Math.toIntExact(k.n()), Math.toIntExact(k.k()), packLeft);
    }

    void multiply(int matrix, Packed memory, Tasks tasks) {
      if (!packLeft && !b.byRows() && cut.rows() <= ColumnDots.MAX_ROWS
          && !(epilogue instanceof MatMul.Epilogue.RowSums)) {
        multiplyByDots(matrix, tasks);
        return;
      }
      memory.reserve(this);
      for (int column = 0; column < cut.columns(); column += cut.stageColumns()) {
        int columns = Math.min(cut.stageColumns(), cut.columns() - column);
        for (int block = 0; block < cut.blocks(); block += cut.stageBlocks()) {
          int blocks = Math.min(cut.stageBlocks(), cut.blocks() - block);
          new Stage(this, matrix, memory, column, columns, block, blocks).run(tasks);
        }
      }
    }

    private void multiplyByDots(int matrix, Tasks tasks) {
      int columns = cut.dotColumns();
      tasks.run(Math.ceilDiv(cut.columns(), columns), (task, worker) -> {
        Scratch own = scratch[worker];
        int end = Math.min(cut.columns(), (task + 1) * columns);
        for (int j = task * columns; j < end; j += RightPanels.WIDTH) {
          int width = Math.min(RightPanels.WIDTH, end - j);
          for (int i = 0; i < cut.rows(); i += ColumnDots.ROWS) {
            int rows = Math.min(ColumnDots.ROWS, cut.rows() - i);
            ColumnDots.multiply(a, b, matrix, i, rows, j, width, cut.depth(), own.tile, own.dots);
            store(own, matrix, i, rows, j, width);
          }
        }
      });
    }

    private void store(Scratch own, int matrix, int row, int rows, int column, int columns) {
      switch (epilogue) {
        case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> storeTo(out, own, matrix, row, rows, column, columns);
        case MatMul.Epilogue.Activation(var _, Gelu.Form form) when c == null && columns == RightPanels.WIDTH ->
            TileStore.activate(own.tile, own.slopes, rows, alpha, bias, column, VectorGelu.step(form),
                aside().memory(), aside().position(matrix, row, column), aside().rowStride(),
                out.memory(), out.position(matrix, row, column), out.rowStride());
        case MatMul.Epilogue.Activation(var _, Gelu.Form form) -> {
          storeTo(aside(), own, matrix, row, rows, column, columns);
          load(own.tile, aside(), matrix, row, rows, column, columns);
          VectorGelu.apply(form, own.tile, own.slopes, rows * RightPanels.WIDTH);
          storeAsIs(own.tile, matrix, row, rows, column, columns);
        }
        case MatMul.Epilogue.ActivationGradient(var _, Gelu.Form form) when columns == RightPanels.WIDTH ->
            TileStore.scaleBySlopes(own.tile, own.slopes, rows, alpha, bias, column, VectorGelu.slope(form),
                aside().memory(), aside().position(matrix, row, column), aside().rowStride(),
                out.memory(), out.position(matrix, row, column), out.rowStride());
        case MatMul.Epilogue.ActivationGradient(var _, Gelu.Form form) -> {
          storeTo(out, own, matrix, row, rows, column, columns);
          load(own.tile, out, matrix, row, rows, column, columns);
          load(own.slopes, aside(), matrix, row, rows, column, columns);
          VectorGelu.slope(form).apply(own.slopes, own.slopes, rows * RightPanels.WIDTH);
          TileStore.scale(own.tile, own.slopes, rows);
          storeAsIs(own.tile, matrix, row, rows, column, columns);
        }
      }
    }

    private Matrices aside() {
      return Objects.requireNonNull(preActivation);
    }

    private void storeTo(Matrices target, Scratch own, int matrix, int row, int rows, int column, int columns) {
      long to = target.position(matrix, row, column);
      if (c != null) {
        TileStore.combine(own.tile, rows, columns, alpha, bias, column, beta,
            c.memory(), c.position(matrix, row, column), c.rowStride(), target.memory(), to, target.rowStride());
      } else {
        TileStore.assign(own.tile, rows, columns, alpha, bias, column, target.memory(), to, target.rowStride());
      }
    }

    private void storeAsIs(float[] tile, int matrix, int row, int rows, int column, int columns) {
      TileStore.copy(tile, rows, columns, out.memory(), out.position(matrix, row, column), out.rowStride());
    }

    private static void load(
        float[] tile, Matrices source, int matrix, int row, int rows, int column, int columns) {
      TileStore.load(
          tile, rows, columns, source.memory(), source.position(matrix, row, column), source.rowStride());
    }

    /** Adds up the row sums of all blocks. */
    private void storeRowSums(MatMul.Epilogue.RowSums rows, float[] sums, int matrix, int row, int end) {
      MemorySegment target = HostBuffer.segmentOf(rows.sums());
      for (int i = row; i < end; i++) {
        float sum = 0;
        for (int block = 0; block < cut.blocks(); block++) {
          sum += sums[block * cut.rows() + i];
        }
        long at = rows.sums().offset() + (long) matrix * cut.rows() + i;
        float old = rows.accumulate() ? target.getAtIndex(ValueLayout.JAVA_FLOAT, at) : 0;
        target.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.fma(alpha, sum, old));
      }
    }
  }

  /**
   * Some columns of one product over some blocks of depth. Columns are counted from the first of the stage, blocks from
   * the first of all.
   */
  private final class Stage {
    private final Job job;
    private final Blocking cut;
    private final int matrix;
    private final Packed memory;
    private final int firstColumn;
    private final int columns;
    private final int firstBlock;
    private final int endBlock;

    Stage(Job job, int matrix, Packed memory, int firstColumn, int columns, int firstBlock, int blocks) {
      this.job = job;
      this.cut = job.cut;
      this.matrix = matrix;
      this.memory = memory;
      this.firstColumn = firstColumn;
      this.columns = columns;
      this.firstBlock = firstBlock;
      this.endBlock = firstBlock + blocks;
    }

    void run(Tasks tasks) {
      // With one task's rows alone, who needs a panel packs it and has it in the nearest cache.
      boolean packFirst = !cut.isOneRowTask();
      if (packFirst) {
        int parts = Math.ceilDiv(columns, PACK_COLUMNS);
        tasks.run(parts * (endBlock - firstBlock), (task, worker) -> {
          int column = task % parts * PACK_COLUMNS;
          pack(firstBlock + task / parts, column, Math.min(columns, column + PACK_COLUMNS), scratch[worker]);
        });
      }
      for (int row = 0; row < cut.rows(); row += cut.stageRows()) {
        int end = Math.min(cut.rows(), row + cut.stageRows());
        if (job.packLeft) {
          packLeft(row, end, tasks);
        }
        multiplyRows(row, end, packFirst, tasks);
      }
    }

    private void packLeft(int firstRow, int endRow, Tasks tasks) {
      int parts = Math.ceilDiv(endRow - firstRow, PACK_ROWS);
      tasks.run(parts * (endBlock - firstBlock), (task, worker) -> {
        int block = firstBlock + task / parts;
        int row = firstRow + task % parts * PACK_ROWS;
        int rows = Math.min(PACK_ROWS, endRow - row);
        int panel = leftPanel(block, row - firstRow);
        LeftPanels.pack(job.a, matrix, row, rows, cut.rows() - row, block * cut.blockDepth(), cut.depth(block),
            memory.left, panel);
        if (firstColumn == 0 && job.epilogue instanceof MatMul.Epilogue.RowSums) {
          sumPanels(panel, row, rows, block, scratch[worker].lanes);
        }
      });
    }

    private void sumPanels(int panel, int row, int rows, int block, float[] lanes) {
      for (int i = 0; i < rows; i += LeftPanels.ROWS) {
        int depth = cut.depth(block);
        LeftPanels.sum(memory.left, panel + i / LeftPanels.ROWS * LeftPanels.panelFloats(depth), depth, lanes);
        System.arraycopy(
            lanes, 0, memory.rowSums, block * cut.rows() + row + i, Math.min(LeftPanels.ROWS, rows - i));
      }
    }

    private void multiplyRows(int firstRow, int endRow, boolean packed, Tasks tasks) {
      int rowTasks = Math.ceilDiv(endRow - firstRow, cut.taskRows());
      int columnTasks = Math.ceilDiv(columns, cut.taskColumns());
      tasks.run(rowTasks * columnTasks, (task, worker) -> {
        int row = firstRow + task / columnTasks * cut.taskRows();
        int column = task % columnTasks * cut.taskColumns();
        int end = Math.min(columns, column + cut.taskColumns());
        for (int block = firstBlock; block < endBlock; block++) {
          if (!packed) {
            pack(block, column, end, scratch[worker]);
          }
          multiply(block, row, Math.min(cut.taskRows(), endRow - row), row - firstRow, column, end, scratch[worker]);
        }
      });
    }

    /** Where the packed panel of the left matrix beginning with a row lies. */
    private int leftPanel(int block, int row) {
      return (block - firstBlock) * cut.leftBlockFloats()
          + row / LeftPanels.ROWS * LeftPanels.panelFloats(cut.depth(block));
    }

    /** Where the packed panel beginning with a column lies. */
    private int panel(int block, int column) {
      return (block - firstBlock) * cut.blockDepth() * cut.stageColumns() + column * cut.depth(block);
    }

    private void pack(int block, int column, int end, Scratch own) {
      RightPanels.pack(job.b, matrix, firstColumn + column, end - column, block * cut.blockDepth(), cut.depth(block),
          memory.right, panel(block, column), own.squares);
    }

    private void multiply(int block, int row, int rows, int rowInStage, int column, int end, Scratch own) {
      if (!job.packLeft) {
        own.left.copy(job.a, matrix, row, rows, block * cut.blockDepth(), cut.depth(block));
      }
      if (firstColumn + column == 0 && job.epilogue instanceof MatMul.Epilogue.RowSums rowSums) {
        if (!job.packLeft) {
          for (int i = 0; i < rows; i++) {
            memory.rowSums[block * cut.rows() + row + i] = own.left.sum(i, cut.depth(block));
          }
        }
        if (block == cut.blocks() - 1) {
          job.storeRowSums(rowSums, memory.rowSums, matrix, row, row + rows);
        }
      }
      int slab = cut.slabColumns(block);
      for (int j = column; j < end; j += slab) {
        multiplySlab(block, row, rows, rowInStage, j, Math.min(end, j + slab), own);
      }
    }

    private void multiplySlab(int block, int row, int rows, int rowInStage, int column, int end, Scratch own) {
      // The sums of a task's rows lie together, panel of columns after panel of columns.
      int padded = Math.ceilDiv(rows, LeftPanels.ROWS) * LeftPanels.ROWS;
      for (int i = 0; i < rows; i += LeftPanels.ROWS) {
        int existing = Math.min(LeftPanels.ROWS, rows - i);
        int left = job.packLeft ? leftPanel(block, rowInStage + i) : i;
        for (int j = column; j < end; j += RightPanels.WIDTH) {
          int sums = row * cut.stageColumns() + j * padded + i * RightPanels.WIDTH;
          multiplyTile(block, left, existing, j, sums, own);
          if (block == cut.blocks() - 1) {
            job.store(own, matrix, row + i, existing, firstColumn + j, Math.min(RightPanels.WIDTH, end - j));
          }
        }
      }
    }

    /** Multiplies into the tile in hand where it is wanted next: after the last block, and to be added to earlier ones. */
    private void multiplyTile(int block, int left, int rows, int column, int sums, Scratch own) {
      boolean first = block == 0;
      boolean last = block == cut.blocks() - 1;
      float[] to = first && !last ? memory.sums : own.tile;
      int at = first && !last ? sums : 0;
      if (job.packLeft) {
        LeftPanels.multiply(memory.left, left, rows, memory.right, panel(block, column), cut.depth(block), to, at);
      } else {
        own.left.multiply(left, rows, memory.right, panel(block, column), cut.depth(block), to, at);
      }
      if (!first && last) {
        TileStore.add(own.tile, 0, memory.sums, sums, rows);
      } else if (!first) {
        TileStore.add(memory.sums, sums, own.tile, 0, rows);
      }
    }
  }
}
