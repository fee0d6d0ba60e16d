package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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

  /**
   * Refuses indices outside {@code [0, vocabulary)}, naming the first one and its place.
   *
   * @param operand name of the operand in the kernel's formula
   */
  void requireBelow(long vocabulary, Kernel kernel, String operand) {
    for (long i = 0; i < view.elements(); i++) {
      int index = at(i);
      if (index < 0 || index >= vocabulary) {
        throw KernelException.outsideVocabulary(kernel, operand, view, i, index, vocabulary);
      }
    }
  }
}
