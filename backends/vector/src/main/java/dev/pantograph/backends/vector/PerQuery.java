package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A contiguous {@code [B, H, T]} operand of attention: a number for each query. */
final class PerQuery {
  private final MemorySegment segment;
  private final long start;
  private final long heads;
  private final long time;

  PerQuery(View view) {
    segment = HostBuffer.segmentOf(view);
    start = view.byteOffset();
    heads = view.size(1);
    time = view.size(2);
  }

  private long at(int b, int h, int t) {
    return start + ((b * heads + h) * time + t) * Float.BYTES;
  }

  void gather(int b, int h, int t, int count, float[] target, int targetStart) {
    MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, at(b, h, t), target, targetStart, count);
  }

  void scatter(int b, int h, int t, int count, float[] source) {
    MemorySegment.copy(source, 0, segment, ValueLayout.JAVA_FLOAT, at(b, h, t), count);
  }
}
