package dev.pantograph.backends.cuda;

/**
 * Memory that a kernel needs beside its operands, for as long as it runs: the next kernel gets the same. It grows to
 * what the most demanding kernel asks for, and what was outgrown stays, since recorded work may refer to it.
 */
final class Scratch {
  private final DeviceMemory memory;
  private final String name;
  private long address;
  private long bytes;

  Scratch(DeviceMemory memory, String name) {
    this.memory = memory;
    this.name = name;
  }

  /** The address of so many bytes. */
  long of(long wanted) {
    if (wanted > bytes) {
      long larger = Math.max(wanted, 2 * bytes);
      address = memory.take(name, larger);
      bytes = larger;
    }
    return address;
  }
}
