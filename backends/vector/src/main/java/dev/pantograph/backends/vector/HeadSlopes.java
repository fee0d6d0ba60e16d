package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The {@code [H]} operand of attention with linear biases, or its absence. */
record HeadSlopes(@Nullable View slopes) {

  /** The slope of a head, 0 when absent. */
  float of(int head) {
    return slopes == null
        ? 0 : HostBuffer.segmentOf(slopes).getAtIndex(ValueLayout.JAVA_FLOAT, slopes.offset() + head);
  }
}
