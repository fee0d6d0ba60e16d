package dev.pantograph.backends.vector;

/**
 * How a stack of matrix products is cut, as a function of its shape alone.
 *
 * <p>Depth is cut into blocks that keep a {@link LeftPanel} in the first-level cache, columns into slabs whose block of
 * the packed right matrix (at most 256 × 512 floats) stays in the second-level cache, rows into tasks. Depth is never
 * shared between tasks: the blocks of one element of the result are added in order. Slabs are counted through all
 * matrices.
 *
 * @param rows M
 * @param columns N
 * @param depth K
 * @param depthBlock steps of depth in a block; the last block may have fewer
 * @param depthBlocks blocks of depth, at least one
 * @param slabColumns columns of a slab, a multiple of {@link RightPanels#WIDTH}; the last slab of a matrix may have
 * fewer
 * @param slabsPerMatrix slabs of one matrix
 * @param slabs slabs of all matrices
 * @param taskRows rows of a task, a multiple of {@link LeftPanel#ROWS}
 * @param rowTasks tasks over the rows of one slab
 * @param stageBlocks blocks of depth packed at a time
 * @param stageSlabs slabs packed at a time
 */
record Blocking(
    int rows, int columns, int depth, int depthBlock, int depthBlocks, int slabColumns, int slabsPerMatrix, int slabs,
    int taskRows, int rowTasks, int stageBlocks, int stageSlabs) {
  /** Widest slab: with the deepest block half of a cache of 1 MiB. */
  private static final int MAX_SLAB_COLUMNS = 512;

  /** Tasks wanted of one kernel: a few for each of 16 threads. */
  private static final int WANTED_TASKS = 64;

  /** Multiply-adds below which handing out a task costs more than another thread gains: some microseconds of work. */
  private static final long MIN_TASK_WORK = 1 << 18;

  /** Floats of the packed right matrix held at a time, 8 MiB. */
  private static final long STAGE_FLOATS = 1 << 21;

  /** Floats worth a packing task of their own. */
  private static final int PACK_FLOATS = 1 << 14;

  /** The cut of products [rows, depth]·[depth, columns] with {@code elements} elements in all results together. */
  static Blocking of(long rows, long columns, long depth, long elements) {
    int m = Math.toIntExact(rows);
    int n = Math.toIntExact(columns);
    int k = Math.toIntExact(depth);
    int matrices = elements == 0 ? 0 : Math.toIntExact(elements / (rows * columns));

    int depthBlocks = Math.max(1, Math.ceilDiv(k, LeftPanel.MAX_DEPTH));
    int depthBlock = Math.ceilDiv(k, depthBlocks);
    int wanted = Math.max(1, Math.ceilDiv(n, MAX_SLAB_COLUMNS));
    int slabColumns = Math.max(1, Math.ceilDiv(Math.ceilDiv(n, wanted), RightPanels.WIDTH)) * RightPanels.WIDTH;
    int slabsPerMatrix = Math.ceilDiv(n, slabColumns);
    int slabs = Math.multiplyExact(matrices, slabsPerMatrix);

    int panels = Math.ceilDiv(m, LeftPanel.ROWS);
    long fairShare = Math.ceilDiv((long) panels * slabs, WANTED_TASKS);
    long worthwhile = Math.ceilDiv(MIN_TASK_WORK, (long) LeftPanel.ROWS * slabColumns * Math.max(1, k));
    int taskRows = Math.clamp(Math.max(fairShare, worthwhile), 1, Math.max(1, panels)) * LeftPanel.ROWS;

    long blockFloats = Math.max(1, (long) depthBlock * slabColumns);
    int stageBlocks = Math.clamp(STAGE_FLOATS / blockFloats, 1, depthBlocks);
    int stageSlabs = Math.clamp(STAGE_FLOATS / (blockFloats * depthBlocks), 1, Math.max(1, slabs));
    return new Blocking(m, n, k, depthBlock, depthBlocks, slabColumns, slabsPerMatrix, slabs,
        taskRows, Math.ceilDiv(m, taskRows), stageBlocks, stageSlabs);
  }

  /** The matrix a slab belongs to. */
  int matrix(int slab) {
    return slab / slabsPerMatrix;
  }

  /** The first column of a slab in its matrix. */
  int firstColumn(int slab) {
    return slab % slabsPerMatrix * slabColumns;
  }

  /** The first step of a block of depth. */
  int firstDepth(int block) {
    return block * depthBlock;
  }

  /** Steps in a block of depth. */
  int depth(int block) {
    return Math.min(depthBlock, depth - firstDepth(block));
  }

  /** Panels of the right matrix in a slab; in the last slab of a matrix some may be empty. */
  int slabPanels() {
    return slabColumns / RightPanels.WIDTH;
  }

  /** Floats that a packed panel takes. */
  int panelFloats() {
    return depthBlock * RightPanels.WIDTH;
  }

  /** Floats of the right matrix packed at a time. */
  int stageFloats() {
    return stageSlabs * stageBlocks * slabPanels() * panelFloats();
  }

  /** Panels packed by one task. */
  int packPanels() {
    return Math.max(1, PACK_FLOATS / Math.max(1, panelFloats()));
  }
}
