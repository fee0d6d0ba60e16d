package dev.pantograph.backends.cuda.binding;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a value passes between Java and a C function: the columns of the tables of functions. */
public enum Kind {
  /** Nothing, as a result only. */
  NOTHING(null),
  /** {@code char}, {@code unsigned char}. */
  BYTE(ValueLayout.JAVA_BYTE),
  /** {@code short}, {@code unsigned short}. */
  SHORT(ValueLayout.JAVA_SHORT),
  /** {@code int}, {@code unsigned}, enumerations, device ordinals. */
  INT(ValueLayout.JAVA_INT),
  /** {@code size_t}, 64-bit integers, device addresses. */
  LONG(ValueLayout.JAVA_LONG),
  /** {@code float}. */
  FLOAT(ValueLayout.JAVA_FLOAT),
  /**
   * A pointer that Java never reads through: streams, events, descriptors, pointers into device memory. A {@code long},
   * so that no segment is made for it and no device address can be read by mistake.
   */
  HANDLE(ValueLayout.JAVA_LONG),
  /** A pointer to memory of the host that the callee reads or writes. */
  POINTER(ValueLayout.ADDRESS),
  /** {@code ncclUniqueId}: 128 bytes, by value. */
  UNIQUE_ID(MemoryLayout.structLayout(
      MemoryLayout.sequenceLayout(128, ValueLayout.JAVA_BYTE).withName("internal")).withName("ncclUniqueId"));

  private final @Nullable MemoryLayout layout;

  Kind(@Nullable MemoryLayout layout) {
    this.layout = layout;
  }

  /** How it lies in memory or in registers; empty for {@link #NOTHING}. */
  public Optional<MemoryLayout> layout() {
    return Optional.ofNullable(layout);
  }
}
