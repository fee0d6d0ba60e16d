package dev.pantograph.core.kernel;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What some regions held at one moment, in host memory, whatever device they are on. */
public final class Snapshot {
  private final List<Region> regions;
  private final List<MemorySegment> contents;

  /**
   * @param contents the bytes of each region
   */
  public Snapshot(List<Region> regions, List<MemorySegment> contents) {
    this.regions = List.copyOf(regions);
    this.contents = List.copyOf(contents);
  }

  /** Reads regions of a backend's memory. They lie in {@code arena} from then on. */
  public static Snapshot of(Backend backend, List<Region> regions, Arena arena) {
    List<MemorySegment> contents = new ArrayList<>(regions.size());
    for (Region region : regions) {
      MemorySegment content = arena.allocate(region.bytes(), HostBuffer.ALIGNMENT);
      backend.download(region.buffer(), region.from(), content);
      contents.add(content);
    }
    return new Snapshot(regions, contents);
  }

  public List<Region> regions() {
    return regions;
  }

  /** The bytes of region {@code i}. */
  public MemorySegment content(int i) {
    return contents.get(i);
  }

  /**
   * The elements of a view as they were.
   *
   * @throws IllegalArgumentException if the view lies outside the regions
   */
  public Elements elements(View view) {
    for (int i = 0; i < regions.size(); i++) {
      if (regions.get(i).holds(view)) {
        return new Elements(view, contents.get(i), regions.get(i).from());
      }
    }
    throw new IllegalArgumentException("%s lies in none of the %d regions of the snapshot".formatted(view,
        regions.size()));
  }
}
