package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** A piece of {@link DeviceMemory}. */
final class DeviceBuffer implements Buffer {
  private final String name;
  private final long byteSize;
  private final long address;
  private final DeviceMemory memory;
  private boolean open = true;
  private @Nullable TokenBounds tokens;
  private boolean holdsTokens;

  DeviceBuffer(String name, long byteSize, long address, DeviceMemory memory) {
    this.name = name;
    this.byteSize = byteSize;
    this.address = address;
    this.memory = memory;
  }

  /**
   * A buffer of this memory.
   *
   * @throws IllegalArgumentException if it belongs to another backend
   * @throws IllegalStateException if it is closed
   */
  static DeviceBuffer of(Buffer buffer, DeviceMemory memory) {
    if (buffer instanceof DeviceBuffer device && device.memory == memory) {
      device.requireOpen();
      return device;
    }
    throw new IllegalArgumentException(
        ("buffer '%s' is a %s and belongs to another backend; "
            + "backend '%s' needs one of its own: copy it through the host")
            .formatted(buffer.name(), buffer.getClass().getSimpleName(), CudaBackendProvider.ID));
  }

  /** Where a view's first element lies on the device. */
  static long address(View view) {
    return ((DeviceBuffer) view.buffer()).address + view.byteOffset();
  }

  /** The address of so many bytes from {@code offset} on. */
  long address(long offset, long bytes) {
    if (offset < 0 || bytes > byteSize - offset) {
      throw new IndexOutOfBoundsException("buffer '%s': %d bytes from %d on (expected: within its %d bytes)"
          .formatted(name, bytes, offset, byteSize));
    }
    return address + offset;
  }

  void requireOpen() {
    if (!open) {
      throw new IllegalStateException("buffer '%s' is closed: its owner released it earlier".formatted(name));
    }
  }

  /** What is known of the integers in this buffer; null if nothing is. */
  @Nullable TokenBounds tokens() {
    return tokens;
  }

  /** From now on the integers that are uploaded are looked at. */
  void setTokens(@Nullable TokenBounds bounds) {
    holdsTokens = true;
    tokens = bounds;
  }

  boolean holdsTokens() {
    return holdsTokens;
  }

  /** A kernel writes here. */
  void written() {
    tokens = null;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long byteSize() {
    return byteSize;
  }

  @Override
  public void close() {
    requireOpen();
    open = false;
    memory.forget(this, address);
  }

  @Override
  public String toString() {
    return "DeviceBuffer[" + name + ", " + byteSize + " bytes]";
  }
}
