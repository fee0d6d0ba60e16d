package dev.pantograph.core.data;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The sizes every batch of a source has, each at least 1.
 *
 * @param microBatches micro-batches of a step
 * @param batch rows of a micro-batch, B
 * @param time tokens of a row, T
 */
record BatchGeometry(int microBatches, int batch, int time) {

  BatchGeometry {
    if (microBatches < 1 || batch < 1 || time < 1) {
      throw new IllegalArgumentException(
          "batches: found %d micro-batches of %d rows of %d tokens, needed at least 1 of each"
              .formatted(microBatches, batch, time));
    }
  }

  /** Rows of all micro-batches of a step. */
  long rowsPerStep() {
    return (long) microBatches * batch;
  }

  /** Checks what a caller of {@link BatchSource#fill} passes. */
  void require(long step, int micro, MemorySegment inputs, MemorySegment targets) {
    if (step < 0) {
      throw new IndexOutOfBoundsException("step %d: needed a step from 0".formatted(step));
    }
    Objects.checkIndex(micro, microBatches);
    requireSize("inputs", inputs);
    requireSize("targets", targets);
  }

  private void requireSize(String name, MemorySegment segment) {
    long needed = (long) batch * time * Integer.BYTES;
    if (segment.byteSize() != needed) {
      throw new IllegalArgumentException("%s: found %d bytes, needed %d for int32[%d, %d]"
          .formatted(name, segment.byteSize(), needed, batch, time));
    }
  }
}
