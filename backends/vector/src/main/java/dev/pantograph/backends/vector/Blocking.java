package dev.pantograph.backends.vector;

/**
 * How a matrix product is cut, as a function of its shape alone.
 *
 * <p>Depth is cut into blocks. A task is some rows times some columns over all blocks of a stage. It copies its rows of
 * one block, or finds them packed, and multiplies them with one slab of the packed right matrix after the other: both
 * together stay in the second-level cache. Depth is never shared between tasks: each element of the result is summed by
 * one of them, or by one of each stage, in order.
 *
 * <p>A stage is what is packed of the right matrix at a time: some columns over some blocks of depth, all of both if
 * they are few enough; where the left matrix is packed too, also some rows.
 *
 * @param rows M
 * @param columns N
 * @param depth K
 * @param blockDepth steps of depth in a block; the last block may have fewer
 * @param blocks blocks of depth, at least one
 * @param stageBlocks blocks in a stage; the last stage may have fewer
 * @param stageColumns columns in a stage, a multiple of {@link RightPanels#WIDTH}; the last stage may have fewer
 * @param stageRows rows packed at a time, a multiple of those of a task; all if the left matrix is not packed
 * @param taskRows rows of a task, a multiple of {@link LeftPanels#ROWS} and at most {@link LeftRows#MAX_ROWS}; the last
 *     task may have fewer
 * @param taskColumns columns of a task, a multiple of {@link RightPanels#WIDTH}; the last task of a stage may have
 *     fewer
 */
record Blocking(
    int rows, int columns, int depth, int blockDepth, int blocks, int stageBlocks, int stageColumns,
    int stageRows, int taskRows, int taskColumns) {
  /** Tasks wanted of one stage: a few for each of 16 threads. */
  private static final int WANTED_TASKS = 48;

  /** Tasks that suffice when more of them would have each read the same rows again. */
  private static final int ENOUGH_TASKS = 12;

  /** Fewest panels of rows in a task where there are more: a panel of the right matrix is fetched once for these. */
  private static final int MIN_ROW_PANELS = 48 / LeftPanels.ROWS;

  private static final int MAX_ROW_PANELS = LeftRows.MAX_ROWS / LeftPanels.ROWS;

  /** Multiply-adds below which handing out a task costs more than another thread gains: some microseconds of work. */
  static final long MIN_TASK_WORK = 1 << 18;

  /** Floats of a packed matrix held at a time, 8 MiB. */
  private static final int STAGE_FLOATS = 1 << 21;

  /** Fewest panels of columns in a stage where there are more, however deep the product. */
  private static final int MIN_STAGE_PANELS = 16;

  /** Floats of the right matrix read by a task that computes inner products, 256 KiB. */
  private static final int DOT_TASK_FLOATS = 1 << 16;

  /** Floats of the right matrix that a task multiplies with all its rows in turn: half of a cache of 1 MiB. */
  private static final int SLAB_FLOATS = 1 << 17;

  /**
   * The cut of one product [rows, depth]·[depth, columns].
   *
   * @param packLeft whether the left matrix is packed as well, for all tasks
   */
  static Blocking of(int rows, int columns, int depth, boolean packLeft) {
    int blocks = Math.max(1, Math.ceilDiv(depth, LeftRows.MAX_DEPTH));
    int blockDepth = Math.max(1, Math.ceilDiv(depth, blocks));

    int panels = Math.ceilDiv(columns, RightPanels.WIDTH);
    int panelFloats = blockDepth * RightPanels.WIDTH;
    int mostPanels = Math.clamp(STAGE_FLOATS / panelFloats, Math.min(panels, MIN_STAGE_PANELS), panels);
    int stagePanels = evenly(panels, mostPanels);
    int stageBlocks = Math.clamp(STAGE_FLOATS / ((long) panelFloats * stagePanels), 1, blocks);

    int rowPanels = Math.ceilDiv(rows, LeftPanels.ROWS);
    // Packed panels come from the other workers' caches, so they are to be read for as many of the others as fit.
    int fewest = packLeft ? MAX_ROW_PANELS : MIN_ROW_PANELS;
    int taskRowPanels = evenly(rowPanels, Math.clamp(rowPanels / WANTED_TASKS, fewest, MAX_ROW_PANELS));
    int taskRows = taskRowPanels * LeftPanels.ROWS;
    int rowTasks = Math.ceilDiv(rowPanels, taskRowPanels);
    int stageTasks = packLeft ? Math.clamp(STAGE_FLOATS / ((long) taskRows * blockDepth * stageBlocks), 1, rowTasks)
        : rowTasks;
    long panelWork = (long) taskRows * RightPanels.WIDTH * Math.max(1, Math.min(depth, blockDepth * stageBlocks));
    long worthwhile = Math.ceilDiv(MIN_TASK_WORK, panelWork);
    int enough = Math.ceilDiv(ENOUGH_TASKS, stageTasks);
    int taskPanels = Math.clamp(worthwhile, Math.ceilDiv(stagePanels, enough), stagePanels);
    return new Blocking(rows, columns, depth, blockDepth, blocks, stageBlocks, stagePanels * RightPanels.WIDTH,
        stageTasks * taskRows, taskRows, evenly(stagePanels, taskPanels) * RightPanels.WIDTH);
  }

  /** The size of the parts when {@code count} things are cut into equal parts of about {@code most}, and no more. */
  private static int evenly(int count, int most) {
    int parts = Math.max(1, Math.ceilDiv(count, most));
    return Math.max(1, Math.ceilDiv(count, parts));
  }

  /** Steps in a block of depth. */
  int depth(int block) {
    return Math.min(blockDepth, depth - block * blockDepth);
  }

  /** Whether all rows are one task's. */
  boolean isOneRowTask() {
    return rows <= taskRows;
  }

  /** Columns whose packed panels of one block a task multiplies with all its rows in turn. */
  int slabColumns(int block) {
    return Math.max(1, SLAB_FLOATS / (Math.max(1, depth(block)) * RightPanels.WIDTH)) * RightPanels.WIDTH;
  }

  /** Columns of a task that computes inner products: a few panels, which are worth handing out. */
  int dotColumns() {
    return Math.ceilDiv(DOT_TASK_FLOATS, Math.max(1, depth) * RightPanels.WIDTH) * RightPanels.WIDTH;
  }

  /** Floats of the right matrix packed at a time. */
  int stageFloats() {
    return stageBlocks * blockDepth * stageColumns;
  }

  /** Floats of one block of the left matrix packed at a time. */
  int leftBlockFloats() {
    return Math.ceilDiv(Math.min(rows, stageRows), LeftPanels.ROWS) * LeftPanels.panelFloats(blockDepth);
  }

  /** Floats of the sums that wait for the next block of depth; none if there is only one. */
  int sumFloats() {
    int padded = Math.ceilDiv(rows, LeftPanels.ROWS) * LeftPanels.ROWS;
    return blocks == 1 ? 0 : Math.multiplyExact(padded, stageColumns);
  }
}
