package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.Events;
import dev.pantograph.backends.cuda.driver.Memory;
import dev.pantograph.spi.Readback;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A few bytes at a time that the device copies to the host while it goes on. Each read-back has a slot of memory that
 * is never paged out and an event behind its copy; both serve again as soon as it was awaited, the one used last first,
 * so that steps which repeat ask the driver for nothing. If all slots are taken, the oldest read-back is waited for and
 * keeps its bytes itself.
 */
final class Readbacks implements AutoCloseable {
  /** The longest read-back. */
  static final int SLOT_BYTES = 64;

  private static final int SLOTS = 64;

  private final Memory memory;
  private final Events events;
  private final long stream;
  private final RecordedKernels.Runner runner;
  private final List<Slot> slots = new ArrayList<>(SLOTS);
  private final Deque<Slot> free = new ArrayDeque<>(SLOTS);
  /** The oldest first. */
  private final Deque<Pending> underWay = new ArrayDeque<>(SLOTS);
  private @Nullable MemorySegment pinned;

  private record Slot(MemorySegment memory, long arrival) {}

  /** Bytes in a slot until they have arrived; then, if that was before anyone asked, here. */
  private final class Pending implements Readback {
    private final Supplier<String> what;
    private final MemorySegment target;
    private @Nullable Slot slot;
    private byte @Nullable [] kept;

    Pending(Supplier<String> what, MemorySegment target) {
      this.what = what;
      this.target = target;
    }

    void begin(long from) {
      Slot next = next();
      memory.copyToHost(next.memory().asSlice(0, target.byteSize()), from, stream);
      events.record(next.arrival(), stream);
      slot = free.pop();
      underWay.add(this);
    }

    @Override
    public boolean isDone() {
      return slot == null;
    }

    @Override
    public void await() {
      if (slot != null) {
        runner.run(what, this::keep);
      }
      if (kept != null) {
        target.copyFrom(MemorySegment.ofArray(kept));
        kept = null;
      }
    }

    /** Waits for the bytes, and gives the slot back. */
    void keep() {
      Slot left = Objects.requireNonNull(slot);
      events.synchronize(left.arrival());
      kept = left.memory().asSlice(0, target.byteSize()).toArray(ValueLayout.JAVA_BYTE);
      slot = null;
      underWay.remove(this);
      free.push(left);
    }
  }

  Readbacks(Device device, long stream, RecordedKernels.Runner runner) {
    this.memory = device.driver().memory();
    this.events = device.driver().events();
    this.stream = stream;
    this.runner = runner;
  }

  /**
   * Begins to copy to {@code target}, of 1 to {@link #SLOT_BYTES} bytes.
   *
   * @param what it is, for the message of a failure
   */
  Readback begin(Supplier<String> what, long from, MemorySegment target) {
    Pending pending = new Pending(what, target);
    runner.run(what, () -> pending.begin(from));
    return pending;
  }

  /** The slot that is free next. */
  private Slot next() {
    if (free.isEmpty() && slots.size() == SLOTS) {
      underWay.getFirst().keep();
    } else if (free.isEmpty()) {
      MemorySegment there = pinned;
      if (there == null) {
        there = memory.allocateHost((long) SLOTS * SLOT_BYTES);
        pinned = there;
      }
      Slot more = new Slot(there.asSlice((long) slots.size() * SLOT_BYTES, SLOT_BYTES), events.create());
      slots.add(more);
      free.push(more);
    }
    return free.element();
  }

  /** The stream must have done all its work. */
  @Override
  public void close() {
    slots.forEach(slot -> events.destroy(slot.arrival()));
    if (pinned != null) {
      memory.freeHost(pinned);
    }
  }
}
