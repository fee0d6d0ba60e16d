package dev.pantograph.backends.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The ceiling of memory traffic: copying a block far larger than any cache by the platform's own copy, which writes past
 * the caches. The best of several repetitions, since a shared machine only ever slows them.
 */
final class CopyBandwidth {
  private static final long BYTES = 128L << 20;
  private static final long BYTES_PER_TASK = 4L << 20;
  private static final int REPETITIONS = 8;

  private CopyBandwidth() {}

  /** Bytes per second, read and written, of all the pool's threads. */
  static double measure(WorkerPool pool) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(BYTES);
      MemorySegment target = arena.allocate(BYTES);
      int tasks = Math.toIntExact(BYTES / BYTES_PER_TASK);
      long least = Long.MAX_VALUE;
      for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        long start = System.nanoTime();
        pool.run(tasks, (task, worker) ->
            MemorySegment.copy(source, task * BYTES_PER_TASK, target, task * BYTES_PER_TASK, BYTES_PER_TASK));
        least = Math.min(least, System.nanoTime() - start);
      }
      return 2.0 * BYTES / (least * 1e-9);
    }
  }
}
