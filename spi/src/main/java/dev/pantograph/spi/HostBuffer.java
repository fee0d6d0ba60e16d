package dev.pantograph.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** A buffer in the host's own memory, off-heap and 64-byte aligned: what every CPU backend allocates. */
public final class HostBuffer implements Buffer {
  /** Alignment of every host buffer: one cache line, one 512-bit vector. */
  public static final long ALIGNMENT = 64;

  private static final int CLOSED = -1;

  private final String name;
  private final Arena arena;
  private final MemorySegment segment;

  /** How often the memory is held now; {@link #CLOSED} for ever once it is not. */
  private final AtomicInteger holds = new AtomicInteger();

  /**
   * Allocates a zeroed buffer.
   *
   * @throws IllegalArgumentException if the size is negative
   * @throws OutOfMemoryError if the memory cannot be had; names the buffer and its size
   */
  public HostBuffer(String name, long byteSize) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("buffer '%s': %d bytes (expected: ≥ 0)".formatted(name, byteSize));
    }
    this.name = name;
    this.arena = Arena.ofShared();
    try {
      this.segment = arena.allocate(byteSize, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      arena.close();
      OutOfMemoryError named =
          new OutOfMemoryError("buffer '%s': %d bytes of off-heap memory could not be had".formatted(name, byteSize));
      named.initCause(e);
      throw named;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long byteSize() {
    return segment.byteSize();
  }

  /**
   * The memory itself.
   *
   * @throws IllegalStateException if the buffer is closed
   */
  public MemorySegment segment() {
    if (!segment.scope().isAlive()) {
      throw closed();
    }
    return segment;
  }

  /** The host memory behind a view, or an error that names the buffer if it belongs to another kind of backend. */
  public static MemorySegment segmentOf(View view) {
    return of(view.buffer()).segment();
  }

  /** The buffer as a host buffer, or an error that names it. */
  public static HostBuffer of(Buffer buffer) {
    if (buffer instanceof HostBuffer host) {
      return host;
    }
    throw new IllegalArgumentException(
        ("buffer '%s' is a %s and belongs to another backend; "
            + "a CPU backend needs one of its own: copy it through the host")
            .formatted(buffer.name(), buffer.getClass().getSimpleName()));
  }

  /**
   * Keeps the memory where it is until {@link #release}: for addresses given to code that the JVM does not see, which
   * would go on using them. May be held several times, by any threads.
   *
   * @throws IllegalStateException if the buffer is closed
   */
  public void hold() {
    int before;
    do {
      before = holds.get();
      if (before == CLOSED) {
        throw closed();
      }
    } while (!holds.compareAndSet(before, before + 1));
  }

  /** Ends one {@link #hold}. */
  public void release() {
    holds.getAndDecrement();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if it is closed already, or a kernel is at work on it
   */
  @Override
  public void close() {
    if (!holds.compareAndSet(0, CLOSED)) {
      throw segment.scope().isAlive() ? inUse() : closed();
    }
    try {
      arena.close();
    } catch (IllegalStateException e) {
      holds.set(0);
      throw (IllegalStateException) inUse().initCause(e);
    }
  }

  private IllegalStateException inUse() {
    return new IllegalStateException(
        "buffer '%s' is in use by a kernel: close it after submit has returned".formatted(name));
  }

  private IllegalStateException closed() {
    return new IllegalStateException("buffer '%s' is closed: its owner released it earlier".formatted(name));
  }

  @Override
  public String toString() {
    return "HostBuffer[" + name + ", " + byteSize() + " bytes]";
  }
}
