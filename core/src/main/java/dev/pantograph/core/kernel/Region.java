package dev.pantograph.core.kernel;

import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of a buffer that operands of one kernel span together: views that overlap, such as an addend that is the
 * result, or interleave, are in one region.
 *
 * @param buffer whose memory it is
 * @param from first byte, a multiple of {@link #ALIGNMENT}
 * @param to behind the last byte
 * @param read whether a kernel needs to know what is in it
 * @param written whether a kernel changes it
 */
public record Region(Buffer buffer, long from, long to, boolean read, boolean written) {
  /** Of a region's begin, so that elements of every type stay aligned when the region is copied. */
  static final long ALIGNMENT = 64;

  /** The regions of a kernel's operands, in the order of the buffers' first use and of addresses. */
  public static List<Region> of(Kernel kernel) {
    Map<Buffer, List<Region>> byBuffer = new IdentityHashMap<>();
    List<List<Region>> inOrder = new ArrayList<>();
    for (Operand operand : kernel.operands()) {
      View view = operand.view();
      List<Region> regions = byBuffer.computeIfAbsent(view.buffer(), _ -> {
        inOrder.add(new ArrayList<>());
        return inOrder.getLast();
      });
      add(regions, new Region(view.buffer(), view.byteOffset() / ALIGNMENT * ALIGNMENT, view.endByte(),
          operand.access() != Access.WRITE, operand.access() != Access.READ));
    }
    return inOrder.stream().flatMap(List::stream).toList();
  }

  /** Keeps the regions apart and in the order of their addresses. */
  private static void add(List<Region> regions, Region added) {
    Region whole = added;
    int place = 0;
    for (int i = 0; i < regions.size(); ) {
      Region other = regions.get(i);
      if (other.from < whole.to && whole.from < other.to) {
        whole = whole.with(regions.remove(i));
        i = 0;
      } else {
        i++;
      }
    }
    while (place < regions.size() && regions.get(place).from < whole.from) {
      place++;
    }
    regions.add(place, whole);
  }

  /** Two operands may lie side by side in a cache line: then what is written of it is not all of it. */
  private Region with(Region other) {
    return new Region(buffer, Math.min(from, other.from), Math.max(to, other.to), true, written || other.written);
  }

  /** Size in bytes. */
  public long bytes() {
    return to - from;
  }

  /** Whether a view's elements are in this region. An empty view is in every region of its buffer. */
  boolean holds(View view) {
    return view.buffer() == buffer
        && (view.elements() == 0 || (view.byteOffset() >= from && view.endByte() <= to));
  }
}
