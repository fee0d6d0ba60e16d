package dev.pantograph.backends.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of a kernel, in order: written, then launched with, then cleared for the next. The driver copies them
 * while it launches, so one set serves a thread for all its launches, without allocating. Each is a word of 8 bytes, or
 * a structure of several.
 */
public final class KernelArguments {
  private final MemorySegment words;
  /** The address of each argument. */
  private final MemorySegment pointers;
  private int count;
  private int used;
  private int structure = -1;

  /** For kernels with at most so many arguments that are at most so many words. */
  public KernelArguments(Arena arena, int arguments, int words) {
    this.words = arena.allocate(JAVA_LONG, words);
    this.pointers = arena.allocate(JAVA_LONG, arguments);
  }

  /** Forgets what was added. */
  public KernelArguments clear() {
    count = 0;
    used = 0;
    structure = -1;
    return this;
  }

  /** A device address, or a {@code long long}. */
  public KernelArguments add(long value) {
    point();
    words.setAtIndex(JAVA_LONG, used++, value);
    return this;
  }

  /** A {@code double}. */
  public KernelArguments add(double value) {
    point();
    words.setAtIndex(JAVA_DOUBLE, used++, value);
    return this;
  }

  /** What is added until its end is one argument. */
  public KernelArguments beginStructure() {
    point();
    structure = used;
    return this;
  }

  /** Ends a structure of so many bytes; members that were not added have any value. */
  public KernelArguments endStructure(int bytes) {
    used = structure + bytes / (int) JAVA_LONG.byteSize();
    structure = -1;
    return this;
  }

  private void point() {
    if (structure < 0) {
      pointers.setAtIndex(JAVA_LONG, count++, words.address() + used * JAVA_LONG.byteSize());
    }
  }

  /** How many arguments were added. */
  public int count() {
    return count;
  }

  MemorySegment pointers() {
    return pointers;
  }
}
