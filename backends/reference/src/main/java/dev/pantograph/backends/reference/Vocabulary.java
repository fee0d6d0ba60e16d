package dev.pantograph.backends.reference;

import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.util.Arrays;

/** The token ids a kernel accepts: {@code [0, size)}. */
record Vocabulary(String kernel, long size) {

  /**
   * Checks every id, so that a kernel can refuse before it writes.
   *
   * @throws KernelException naming the first id outside and its place
   */
  void requireAll(String name, View ids) {
    Elements elements = Elements.of(ids);
    for (long i = 0; i < ids.elements(); i++) {
      int id = (int) elements.get(i);
      if (id < 0 || id >= size) {
        throw new KernelException("%s: %s%s is %d in %s, needed an id in [0, %d)"
            .formatted(kernel, name, Arrays.toString(place(i, ids)), id, ids, size));
      }
    }
  }

  private static long[] place(long i, View ids) {
    long[] index = new long[ids.rank()];
    long rest = i;
    for (int d = index.length - 1; d >= 0; d--) {
      index[d] = rest % ids.size(d);
      rest /= ids.size(d);
    }
    return index;
  }
}
