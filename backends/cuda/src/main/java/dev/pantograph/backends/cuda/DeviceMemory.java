package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.driver.DriverStatus;
import dev.pantograph.backends.cuda.driver.Memory;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory of a device, taken from the driver in large blocks and handed out in pieces. A piece that is given back is
 * handed out again at once: all work is in one stream, so whoever gets it comes after whoever had it. The driver is
 * asked only when no piece is large enough; a training step that repeats asks for nothing.
 */
final class DeviceMemory implements AutoCloseable {
  /** What vector accesses, and the libraries' fastest kernels, want. */
  static final long ALIGNMENT = 256;

  private static final long LEAST_BLOCK = 2L << 20;
  private static final long MOST_BLOCK = 1L << 30;
  private static final int NAMED = 3;

  private final Memory driver;
  /** Address → size of every block. */
  private final NavigableMap<Long, Long> blocks = new TreeMap<>();
  /** Address → size of every piece that nobody has; neighbours within a block are joined. */
  private final NavigableMap<Long, Long> free = new TreeMap<>();
  private final Set<DeviceBuffer> buffers = new LinkedHashSet<>();
  private long held;
  private boolean closed;

  DeviceMemory(Memory driver) {
    this.driver = driver;
  }

  /**
   * A buffer, which gives its piece back when it is closed.
   *
   * @throws OutOfMemoryError if there is no memory; says how much was asked, what there is and who has it
   */
  DeviceBuffer allocate(String name, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("buffer '%s': %d bytes (expected: ≥ 0)".formatted(name, bytes));
    }
    DeviceBuffer buffer = new DeviceBuffer(name, bytes, take(name, bytes), this);
    buffers.add(buffer);
    return buffer;
  }

  /** A piece without an owner, to be given back by {@link #giveBack(long, long)}. */
  long take(String name, long bytes) {
    long size = rounded(bytes);
    long address = find(size);
    if (address == 0) {
      addBlock(name, size);
      address = find(size);
    }
    return address;
  }

  private static long rounded(long bytes) {
    return Math.ceilDiv(Math.max(bytes, 1), ALIGNMENT) * ALIGNMENT;
  }

  /** The least piece that is large enough, cut to size; 0 if there is none. */
  private long find(long size) {
    Map.Entry<Long, Long> best = null;
    for (Map.Entry<Long, Long> piece : free.entrySet()) {
      if (piece.getValue() >= size && (best == null || piece.getValue() < best.getValue())) {
        best = piece;
      }
    }
    if (best == null) {
      return 0;
    }
    long address = best.getKey();
    long rest = best.getValue() - size;
    free.remove(address);
    if (rest > 0) {
      free.put(address + size, rest);
    }
    return address;
  }

  /** Blocks grow with what is held, so that there are few, unless the device has no more than is asked for. */
  private void addBlock(String name, long size) {
    long wanted = Math.max(size, Math.clamp(held, LEAST_BLOCK, MOST_BLOCK));
    long address = tryAllocate(wanted);
    if (address == 0) {
      releaseUnused();
      wanted = size;
      address = tryAllocate(wanted);
    }
    if (address == 0) {
      throw outOfMemory(name, size);
    }
    blocks.put(address, wanted);
    free.put(address, wanted);
    held += wanted;
  }

  private long tryAllocate(long size) {
    try {
      return driver.allocate(size);
    } catch (CudaException e) {
      if (e.code() == DriverStatus.OUT_OF_MEMORY.code()) {
        return 0;
      }
      throw e;
    }
  }

  /** Gives blocks to the driver that nobody has a piece of. The driver waits for work that still uses them. */
  private void releaseUnused() {
    for (Iterator<Map.Entry<Long, Long>> each = blocks.entrySet().iterator(); each.hasNext();) {
      Map.Entry<Long, Long> block = each.next();
      if (block.getValue().equals(free.get(block.getKey()))) {
        driver.free(block.getKey());
        free.remove(block.getKey());
        held -= block.getValue();
        each.remove();
      }
    }
  }

  private OutOfMemoryError outOfMemory(String name, long size) {
    Memory.Info device = driver.info();
    Map<String, Long> users = new HashMap<>();
    buffers.forEach(buffer -> users.merge(buffer.name(), buffer.byteSize(), Long::sum));
    StringBuilder largest = new StringBuilder();
    users.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()
        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder()))).limit(NAMED)
        .forEach(user -> largest.append("; '%s' has %s".formatted(user.getKey(), mebibytes(user.getValue()))));
    long unused = free.values().stream().mapToLong(Long::longValue).sum();
    return new OutOfMemoryError(("buffer '%s': %s asked for, and the device has %s free of %s. This backend holds %s "
        + "in %d buffers, %s of it unused in smaller pieces%s. Use a smaller batch, or end other processes on the "
        + "device")
        .formatted(name, mebibytes(size), mebibytes(device.free()), mebibytes(device.total()), mebibytes(held),
            buffers.size(), mebibytes(unused), largest));
  }

  private static String mebibytes(long bytes) {
    return bytes < 1 << 20 ? bytes + " bytes" : bytes / (1 << 20) + " MiB";
  }

  void forget(DeviceBuffer buffer, long address) {
    if (!closed) {
      buffers.remove(buffer);
      giveBack(address, buffer.byteSize());
    }
  }

  /** Takes back a piece of so many bytes. */
  void giveBack(long address, long bytes) {
    long first = address;
    long size = rounded(bytes);
    Map.Entry<Long, Long> after = free.ceilingEntry(first);
    if (after != null && after.getKey() == first + size && !blocks.containsKey(after.getKey())) {
      size += after.getValue();
      free.remove(after.getKey());
    }
    Map.Entry<Long, Long> before = free.lowerEntry(first);
    if (before != null && before.getKey() + before.getValue() == first && !blocks.containsKey(first)) {
      first = before.getKey();
      size += before.getValue();
    }
    free.put(first, size);
  }

  /** From now on buffers give nothing back, and the device's memory is gone with the context. */
  void abandon() {
    closed = true;
    buffers.clear();
  }

  /** Gives everything back to the driver, pieces that somebody has included. */
  @Override
  public void close() {
    abandon();
    blocks.keySet().forEach(driver::free);
    blocks.clear();
    free.clear();
    held = 0;
  }
}
