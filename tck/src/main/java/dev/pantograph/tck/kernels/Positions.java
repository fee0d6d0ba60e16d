package dev.pantograph.tck.kernels;

import dev.pantograph.spi.View;

/** Where the elements of a view lie in its buffer, by their row-major number. */
public final class Positions {
  private final long[] positions;

  private Positions(long[] positions) {
    this.positions = positions;
  }

  public static Positions of(View view) {
    long[] positions = new long[Math.toIntExact(view.elements())];
    long[] index = new long[view.rank()];
    long position = view.offset();
    for (int i = 0; i < positions.length; i++) {
      positions[i] = position;
      for (int d = view.rank() - 1; d >= 0; d--) {
        position += view.stride(d);
        if (++index[d] < view.size(d)) {
          break;
        }
        position -= view.size(d) * view.stride(d);
        index[d] = 0;
      }
    }
    return new Positions(positions);
  }

  public int count() {
    return positions.length;
  }

  /** Position within the buffer, in elements. */
  public long at(int element) {
    return positions[element];
  }
}
