package dev.pantograph.backends.cuda.driver;

/**
 * How many threads a kernel gets.
 *
 * @param gridX blocks, first dimension
 * @param gridY blocks, second dimension
 * @param gridZ blocks, third dimension
 * @param blockX threads of a block, first dimension
 * @param blockY threads of a block, second dimension
 * @param blockZ threads of a block, third dimension
 * @param sharedBytes memory that the threads of a block share, beyond what the kernel declares; more than 48 KiB must
 *     be asked for first, by {@link FunctionAttribute#MAX_DYNAMIC_SHARED_SIZE_BYTES}
 */
public record LaunchShape(int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int sharedBytes) {
  /** Blocks and threads in one dimension. */
  public static LaunchShape of(int blocks, int threads) {
    return new LaunchShape(blocks, 1, 1, threads, 1, 1, 0);
  }

  /** The same with shared memory. */
  public LaunchShape withSharedBytes(int bytes) {
    return new LaunchShape(gridX, gridY, gridZ, blockX, blockY, blockZ, bytes);
  }
}
