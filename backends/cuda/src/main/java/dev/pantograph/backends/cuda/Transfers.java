package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.Events;
import dev.pantograph.backends.cuda.driver.Memory;
import dev.pantograph.backends.cuda.driver.Streams;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Copies between host and device, in the order of the stream. They pass through memory that is never paged out: what is
 * uploaded is copied there and can be changed at once, while the device takes it when it comes to it.
 */
final class Transfers implements AutoCloseable {
  private static final int HALVES = 2;

  private final Memory memory;
  private final Events events;
  private final Streams streams;
  private final long stream;
  private final long halfBytes;
  private final long[] handedOver = new long[HALVES];
  private final boolean[] pending = new boolean[HALVES];
  private @Nullable MemorySegment pinned;
  private int half;
  private long used;

  /** Through two halves of so many bytes for uploads, one filling while the other drains, and one for downloads. */
  Transfers(Device device, long stream, long halfBytes) {
    this.memory = device.driver().memory();
    this.events = device.driver().events();
    this.streams = device.driver().streams();
    this.stream = stream;
    this.halfBytes = halfBytes;
  }

  /** Copies all of {@code source}; it may be changed when this returns. */
  void upload(MemorySegment source, long to) {
    long done = 0;
    while (done < source.byteSize()) {
      if (used == halfBytes) {
        changeHalves();
      }
      long count = Math.min(source.byteSize() - done, halfBytes - used);
      MemorySegment passage = pinned().asSlice(half * halfBytes + used, count);
      passage.copyFrom(source.asSlice(done, count));
      memory.copyToDevice(to + done, passage, stream);
      used += count;
      done += count;
    }
  }

  private void changeHalves() {
    if (!pending[half]) {
      handedOver[half] = events.create();
      pending[half] = true;
    }
    events.record(handedOver[half], stream);
    half = 1 - half;
    used = 0;
    if (pending[half]) {
      events.synchronize(handedOver[half]);
    }
  }

  /** Fills all of {@code target}: waits for all work that was queued. */
  void download(long from, MemorySegment target) {
    long done = 0;
    while (done < target.byteSize()) {
      long count = Math.min(target.byteSize() - done, halfBytes);
      MemorySegment passage = pinned().asSlice(HALVES * halfBytes, count);
      memory.copyToHost(passage, from + done, stream);
      streams.synchronize(stream);
      target.asSlice(done, count).copyFrom(passage);
      done += count;
    }
  }

  private MemorySegment pinned() {
    MemorySegment there = pinned;
    if (there == null) {
      there = memory.allocateHost((HALVES + 1) * halfBytes);
      pinned = there;
    }
    return there;
  }

  /** The stream must have done all its work. */
  @Override
  public void close() {
    for (int i = 0; i < HALVES; i++) {
      if (pending[i]) {
        events.destroy(handedOver[i]);
      }
    }
    if (pinned != null) {
      memory.freeHost(pinned);
    }
  }
}
