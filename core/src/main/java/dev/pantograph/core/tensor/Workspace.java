package dev.pantograph.core.tensor;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Owner of what lives one step. Blocks are kept by size and handed out again, by {@link #recycle} within a step and by
 * {@link #reset} for the next, so a step that asks for the same tensors as the one before takes no memory from the
 * backend.
 */
public final class Workspace implements Allocator, AutoCloseable {
  private static final long GRANULE = 256;

  private final Backend backend;
  private final List<Buffer> all = new ArrayList<>();
  private final List<Buffer> handedOut = new ArrayList<>();
  private final Map<Long, Deque<Buffer>> free = new HashMap<>();
  private long bytes;

  public Workspace(Backend backend) {
    this.backend = backend;
  }

  public Backend backend() {
    return backend;
  }

  /** Bytes taken from the backend so far: flat once the steps repeat. */
  public long bytes() {
    return bytes;
  }

  /** Whether tensors handed out have not been given back. */
  public boolean isInUse() {
    return !handedOut.isEmpty();
  }

  @Override
  public Tensor allocate(String name, DType type, Shape shape) {
    long size = Math.ceilDiv(Math.max(Math.multiplyExact(shape.elements(), type.bytes()), 1), GRANULE) * GRANULE;
    Deque<Buffer> blocks = free.computeIfAbsent(size, _ -> new ArrayDeque<>());
    Buffer block = blocks.pollLast();
    if (block == null) {
      block = backend.allocate("step workspace, first used for " + name, size);
      all.add(block);
      bytes += size;
    }
    handedOut.add(block);
    return new Tensor(backend, name, View.of(block, type, 0, shape));
  }

  /** Gives one tensor's memory back before the step ends; it must not be used again. */
  public void recycle(Tensor tensor) {
    Buffer block = tensor.view().buffer();
    // The tensor most likely to be given back is among the last handed out.
    for (int i = handedOut.size() - 1; i >= 0; i--) {
      if (handedOut.get(i) == block) {
        handedOut.remove(i);
        release(block);
        return;
      }
    }
    throw new IllegalStateException("tensor '%s' does not belong to this workspace, or was given back already"
        .formatted(tensor.name()));
  }

  /** Ends the step: every tensor handed out since the last reset is given back. */
  public void reset() {
    handedOut.forEach(this::release);
    handedOut.clear();
  }

  private void release(Buffer block) {
    free.computeIfAbsent(block.byteSize(), _ -> new ArrayDeque<>()).addLast(block);
  }

  @Override
  public void close() {
    all.forEach(Buffer::close);
    all.clear();
    handedOut.clear();
    free.clear();
  }
}
