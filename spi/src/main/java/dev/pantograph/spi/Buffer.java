package dev.pantograph.spi;

/**
 * A piece of a backend's memory. It belongs to the backend that allocated it and to whoever asked for it, who closes
 * it. Using a closed buffer is an {@link IllegalStateException} that names the buffer, never a crash.
 */
public interface Buffer extends AutoCloseable {
  /** What the buffer is for, as shown in error messages. */
  String name();

  /** Size in bytes. */
  long byteSize();

  /** Gives the memory back. Closing twice is an {@link IllegalStateException}. */
  @Override
  void close();
}
