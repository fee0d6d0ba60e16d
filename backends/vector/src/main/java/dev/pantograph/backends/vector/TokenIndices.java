package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A contiguous operand of token indices, {@code [B, T]} or {@code [rows]}. */
final class TokenIndices {
  private final View view;
  private final MemorySegment segment;
  private final long start;

  TokenIndices(View view) {
    this.view = view;
    segment = HostBuffer.segmentOf(view);
    start = view.byteOffset();
  }

  /** The index at a row-major position. */
  int at(long position) {
    return segment.get(ValueLayout.JAVA_INT, start + position * Integer.BYTES);
  }

  /** Refuses indices outside {@code [0, vocabulary)}, naming the first one and its place. */
  void requireBelow(long vocabulary, Kernel kernel, String noun) {
    for (long i = 0; i < view.elements(); i++) {
      int index = at(i);
      if (index < 0 || index >= vocabulary) {
        throw new KernelException("%s: %s %d at %s is outside the vocabulary of %d"
            .formatted(kernel.name(), noun, index, place(i), vocabulary));
      }
    }
  }

  private List<Long> place(long position) {
    List<Long> place = new ArrayList<>();
    long rest = position;
    for (int d = view.rank() - 1; d >= 0; d--) {
      place.addFirst(rest % view.size(d));
      rest /= view.size(d);
    }
    return place;
  }
}
