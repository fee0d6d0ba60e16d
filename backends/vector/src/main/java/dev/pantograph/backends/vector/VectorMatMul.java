package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product {@code out = α·(a·b + bias) + β·c}, {@code a} [..., M, K], {@code b} [..., K, N], by the layered
 * method of Goto and van de Geijn ("Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008).
 *
 * <p>The ladder: the reference multiplies element by element and waits for memory and for each addition. A register
 * tile ({@link Tile12x2}) uses every loaded value many times and keeps enough independent sums to fill the multiply-add
 * units. Packing ({@link RightPanels}, {@link LeftPanel}) turns its reads into streams from the nearest caches,
 * whatever the strides. Blocking ({@link Blocking}) makes the packed pieces fit there, and cuts the work into tasks.
 *
 * <p>Work goes in stages that bound the packed memory: all workers pack the stage's part of {@code b}, then all
 * multiply. An element of the result is one chain of multiply-adds per block of depth, the blocks added in order,
 * wherever it lies.
 */
final class VectorMatMul {
  private static final float[] NO_BIAS = new float[RightPanels.WIDTH];

  private final WorkerPool pool;
  private final LeftPanel[] leftPanels;
  private float[] packed = new float[0];
  private float[] bias = new float[0];

  VectorMatMul(WorkerPool pool) {
    this.pool = pool;
    this.leftPanels = new LeftPanel[pool.threads()];
    Arrays.setAll(leftPanels, worker -> new LeftPanel());
  }

  void run(MatMul k) {
    Float32.require(k, k.out());
    Job job = new Job(k);
    if (k.out().elements() > 0) {
      loadBias(k.bias(), job.cut);
      job.run();
    }
  }

  /** The bias padded to whole panels; zeros if absent. */
  private void loadBias(@Nullable View view, Blocking cut) {
    int padded = cut.slabs() * cut.slabColumns();
    if (bias.length < padded) {
      bias = new float[padded];
    }
    Arrays.fill(bias, 0, padded, 0);
    if (view != null) {
      MemorySegment source = HostBuffer.segmentOf(view);
      MemorySegment.copy(source, ValueLayout.JAVA_FLOAT, view.byteOffset(), bias, 0, cut.columns());
    }
  }

  private float[] packed(int floats) {
    if (packed.length < floats) {
      packed = new float[floats];
    }
    return packed;
  }

  /** One product on its way through the stages. */
  private final class Job {
    private final Blocking cut;
    private final Matrices a;
    private final Matrices b;
    private final Matrices out;
    private final @Nullable Matrices c;
    private final float alpha;
    private final float beta;

    Job(MatMul k) {
      a = new Matrices(k.a());
      b = new Matrices(k.b());
      out = new Matrices(k.out());
      c = k.c() == null ? null : new Matrices(k.c());
      alpha = (float) k.alpha();
      beta = (float) k.beta();
      cut = Blocking.of(k.m(), k.n(), k.k(), k.out().elements());
    }

    void run() {
      float[] panels = packed(cut.stageFloats());
      for (int block = 0; block < cut.depthBlocks(); block += cut.stageBlocks()) {
        int blocks = Math.min(cut.stageBlocks(), cut.depthBlocks() - block);
        for (int slab = 0; slab < cut.slabs(); slab += cut.stageSlabs()) {
          int slabs = Math.min(cut.stageSlabs(), cut.slabs() - slab);
          stage(panels, block, blocks, slab, slabs);
        }
      }
    }

    private void stage(float[] panels, int firstBlock, int blocks, int firstSlab, int slabs) {
      int perTask = cut.packPanels();
      int count = slabs * blocks * cut.slabPanels();
      pool.run(Math.ceilDiv(count, perTask), (task, worker) -> {
        int end = Math.min(count, (task + 1) * perTask);
        for (int panel = task * perTask; panel < end; panel++) {
          int group = panel / cut.slabPanels();
          pack(firstSlab + group / blocks, firstBlock + group % blocks, panel % cut.slabPanels(),
              panels, panel * cut.panelFloats());
        }
      });
      pool.run(slabs * cut.rowTasks(), (task, worker) -> {
        int slab = task / cut.rowTasks();
        for (int block = 0; block < blocks; block++) {
          multiply(firstSlab + slab, task % cut.rowTasks(), firstBlock + block,
              panels, (slab * blocks + block) * cut.slabPanels() * cut.panelFloats(), leftPanels[worker]);
        }
      });
    }

    private void pack(int slab, int block, int panel, float[] panels, int offset) {
      int firstColumn = cut.firstColumn(slab) + panel * RightPanels.WIDTH;
      int columns = Math.min(RightPanels.WIDTH, cut.columns() - firstColumn);
      long start = b.start(cut.matrix(slab)) + cut.firstDepth(block) * b.rowStride() + firstColumn * b.columnStride();
      if (b.byRows()) {
        RightPanels.packRows(b.memory(), start, b.rowStride(), cut.depth(block), columns, panels, offset);
      } else {
        RightPanels.packColumns(b.memory(), start, b.columnStride(), cut.depth(block), columns, panels, offset);
      }
    }

    private void multiply(int slab, int rowTask, int block, float[] panels, int offset, LeftPanel left) {
      int endRow = Math.min(cut.rows(), (rowTask + 1) * cut.taskRows());
      for (int row = rowTask * cut.taskRows(); row < endRow; row += LeftPanel.ROWS) {
        int rows = Math.min(LeftPanel.ROWS, endRow - row);
        load(left, cut.matrix(slab), row, rows, block);
        int endColumn = Math.min(cut.columns(), cut.firstColumn(slab) + cut.slabColumns());
        int panel = offset;
        for (int column = cut.firstColumn(slab); column < endColumn; column += RightPanels.WIDTH) {
          float[] tile = left.times(panels, panel);
          store(tile, cut.matrix(slab), row, rows, column, Math.min(RightPanels.WIDTH, endColumn - column), block);
          panel += cut.panelFloats();
        }
      }
    }

    private void load(LeftPanel left, int matrix, int row, int rows, int block) {
      long start = a.start(matrix) + row * a.rowStride() + cut.firstDepth(block) * a.columnStride();
      if (a.byRows()) {
        left.packRows(a.memory(), start, a.rowStride(), rows, cut.depth(block));
      } else {
        left.packColumns(a.memory(), start, a.columnStride(), rows, cut.depth(block));
      }
    }

    private void store(float[] tile, int matrix, int row, int rows, int column, int columns, int block) {
      long to = out.start(matrix) + row * out.rowStride() + column;
      if (block > 0) {
        TileStore.combine(tile, rows, columns, alpha, NO_BIAS, 0,
            1, out.memory(), to, out.rowStride(), out.memory(), to, out.rowStride());
      } else if (c != null) {
        TileStore.combine(tile, rows, columns, alpha, bias, column,
            beta, c.memory(), c.start(matrix) + row * c.rowStride() + column, c.rowStride(),
            out.memory(), to, out.rowStride());
      } else {
        TileStore.assign(tile, rows, columns, alpha, bias, column, out.memory(), to, out.rowStride());
      }
    }
  }
}
