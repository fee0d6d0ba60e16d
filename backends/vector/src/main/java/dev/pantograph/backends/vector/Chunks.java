package dev.pantograph.backends.vector;

import dev.pantograph.spi.View;
import java.util.List;

/**
 * A list of tensors cut into chunks of equal size, numbered through: the tasks of kernels that treat each element
 * alone. The last chunk of each tensor may be shorter; an empty tensor has none.
 */
final class Chunks {
  /** Elements of a chunk: 64 KiB of float32, small enough for a cache and large enough to be worth handing out. */
  static final int SIZE = 1 << 14;

  private final int[] firstChunk;
  private final long[] elements;

  Chunks(List<View> views) {
    firstChunk = new int[views.size() + 1];
    elements = new long[views.size()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = views.get(i).elements();
      firstChunk[i + 1] = Math.addExact(firstChunk[i], count(elements[i]));
    }
  }

  /** Chunks of one tensor. */
  static int count(long elements) {
    return Math.toIntExact(Math.ceilDiv(elements, SIZE));
  }

  /** Elements in one chunk of a tensor. */
  static int length(long elements, int chunk) {
    return (int) Math.min(SIZE, elements - (long) chunk * SIZE);
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
    return (long) (chunk - firstChunk[tensor(chunk)]) * SIZE;
  }

  /** Elements in a chunk. */
  int length(int chunk) {
    int tensor = tensor(chunk);
    return length(elements[tensor], chunk - firstChunk[tensor]);
  }
}
