package dev.pantograph.core.kernel;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel on another backend, on copies of its operands. Operands that were one memory, that overlapped or
 * interleaved, do so there. What the kernel does not read is NaN in every floating type, so that an element it forgets
 * to write shows.
 */
public final class Replica implements AutoCloseable {
  private static final byte NAN = (byte) 0xff;

  private final Backend backend;
  private final List<Region> regions;
  private final List<Buffer> buffers = new ArrayList<>();
  private final Kernel kernel;

  /**
   * Copies a kernel's operands.
   *
   * @param regions those of {@link Region#of} for the kernel
   * @param before what those of them held that are read
   */
  public Replica(Backend backend, Kernel kernel, List<Region> regions, Snapshot before) {
    this.backend = backend;
    this.regions = List.copyOf(regions);
    try (Arena arena = Arena.ofConfined()) {
      for (Region region : regions) {
        Buffer buffer = backend.allocate("copy of " + region.buffer().name(), region.bytes());
        buffers.add(buffer);
        int known = before.regions().indexOf(region);
        MemorySegment content = known >= 0 ? before.content(known)
            : arena.allocate(region.bytes()).fill(NAN);
        backend.upload(content, buffer, 0);
      }
      this.kernel = KernelForm.withViews(kernel, this::copyOf);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private View copyOf(View view) {
    for (int i = 0; i < regions.size(); i++) {
      Region region = regions.get(i);
      if (region.holds(view)) {
        long offset = view.elements() == 0 ? 0 : view.offset() - region.from() / view.type().bytes();
        return View.strided(buffers.get(i), view.type(), offset, view.shape(), view.strides());
      }
    }
    throw new IllegalArgumentException("%s lies in none of the regions of its kernel".formatted(view));
  }

  /** The kernel on the copies. */
  public Kernel kernel() {
    return kernel;
  }

  /** Runs it and reads what it wrote, as what the regions of the original should hold. */
  public Snapshot run(Arena arena) {
    backend.submit(kernel);
    List<Region> written = new ArrayList<>();
    List<MemorySegment> contents = new ArrayList<>();
    for (int i = 0; i < regions.size(); i++) {
      if (regions.get(i).written()) {
        MemorySegment content = arena.allocate(regions.get(i).bytes(), Region.ALIGNMENT);
        backend.download(buffers.get(i), 0, content);
        written.add(regions.get(i));
        contents.add(content);
      }
    }
    return new Snapshot(written, contents);
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
    buffers.clear();
  }
}
