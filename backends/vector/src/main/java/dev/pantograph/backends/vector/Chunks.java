package dev.pantograph.backends.vector;

import dev.pantograph.spi.View;
import java.util.List;

/**
 * A list of tensors cut into chunks of equal size, numbered through: the tasks of kernels that treat each element
 * alone. The last chunk of each tensor may be shorter; an empty tensor has none.
 */
final class Chunks {
  /** Elements of the smallest chunk: 64 KiB of float32, which is worth handing out. */
  static final int SMALLEST = 1 << 14;
  /** Elements of the largest: the longer one thread reads on, the better memory is foreseen. */
  private static final int LARGEST = 1 << 17;
  /** Chunks that a kernel should have before they grow, so that no thread is left without. */
  private static final int ENOUGH = 32;

  private final int size;
  private final int[] firstChunk;
  private final long[] elements;

  Chunks(List<View> views) {
    firstChunk = new int[views.size() + 1];
    elements = new long[views.size()];
    long total = 0;
    for (int i = 0; i < elements.length; i++) {
      elements[i] = views.get(i).elements();
      total += elements[i];
    }
    size = size(total);
    for (int i = 0; i < elements.length; i++) {
      firstChunk[i + 1] = Math.addExact(firstChunk[i], Math.toIntExact(Math.ceilDiv(elements[i], size)));
    }
  }

  /** Elements of a chunk where a kernel has so many: a power of two. */
  static int size(long elements) {
    return (int) Math.clamp(Long.highestOneBit(elements / ENOUGH), SMALLEST, LARGEST);
  }

  /** Chunks of one tensor. */
  static int count(long elements) {
    return Math.toIntExact(Math.ceilDiv(elements, size(elements)));
  }

  /** Position of a chunk's first element in one tensor. */
  static long start(long elements, int chunk) {
    return (long) chunk * size(elements);
  }

  /** Elements in one chunk of a tensor. */
  static int length(long elements, int chunk) {
    return (int) Math.min(size(elements), elements - start(elements, chunk));
  }

  /** A part of what is numbered through. */
  interface Part {
    void run(int from, int to);
  }

  /** Runs a task for each chunk of one tensor of fewer than 2³¹ elements. */
  static void run(WorkerPool pool, int elements, Part part) {
    pool.run(count(elements), (chunk, worker) -> {
      int from = (int) start(elements, chunk);
      part.run(from, from + length(elements, chunk));
    });
  }

  /** Chunks of all tensors. */
  int count() {
    return firstChunk[elements.length];
  }

  /** The tensor a chunk belongs to. */
  int tensor(int chunk) {
    int low = 0;
    int high = elements.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstChunk[middle] <= chunk) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Position of a chunk's first element in its tensor. */
  long start(int chunk) {
    return (long) (chunk - firstChunk[tensor(chunk)]) * size;
  }

  /** Elements in a chunk. */
  int length(int chunk) {
    return (int) Math.min(size, elements[tensor(chunk)] - start(chunk));
  }
}
