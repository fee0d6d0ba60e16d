package dev.pantograph.core.profile;

import dev.pantograph.core.kernel.KernelLabel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where the time of some recordings went, by what the kernels computed and in what sizes. */
public final class KernelProfile {
  /**
   * All kernels of one label that were run in one way, over all recordings.
   *
   * @param label kernel and sizes, such as {@code MatMul 4096×768×256 NT}
   * @param explanation which way the backend took, and why; may be empty
   * @param calls how many there were
   * @param nanos their time
   * @param flops their arithmetic, as the kernels count it
   * @param bytes their memory traffic, as the kernels count it: operands found in a cache are counted too
   */
  public record Row(String label, String explanation, long calls, long nanos, long flops, long bytes) {
    public double flopsPerSecond() {
      return nanos == 0 ? 0 : flops * 1e9 / nanos;
    }

    public double bytesPerSecond() {
      return nanos == 0 ? 0 : bytes * 1e9 / nanos;
    }

    private Row plus(Row other) {
      return new Row(label, explanation, calls + other.calls, nanos + other.nanos, flops + other.flops,
          bytes + other.bytes);
    }
  }

  /** What the kernels of a row have in common. */
  private record Kind(String label, String explanation) {}

  private final Map<Kind, Row> rows = new HashMap<>();
  private int recordings;
  private long nanos;

  /** Adds a recording. */
  public void add(KernelTimeline timeline) {
    recordings++;
    nanos += timeline.nanos();
    for (TimedKernel timed : timeline.kernels()) {
      Kind kind = new Kind(KernelLabel.of(timed.kernel()), timed.explanation());
      rows.merge(kind, new Row(kind.label(), kind.explanation(), 1, timed.nanos(), timed.kernel().flops(),
          timed.kernel().bytes()), Row::plus);
    }
  }

  /** Number of recordings. */
  public int recordings() {
    return recordings;
  }

  /** Time of all recordings, kernels and what lies between them. */
  public long nanos() {
    return nanos;
  }

  /** Time outside kernels: the host's own work. */
  public long hostNanos() {
    return nanos - kernels().nanos();
  }

  /** One row for each label and way, the longest time first. */
  public List<Row> rows() {
    return rows.values().stream()
        .sorted(Comparator.comparingLong(Row::nanos).reversed().thenComparing(Row::label)
            .thenComparing(Row::explanation)).toList();
  }

  /** All kernels together. */
  public Row kernels() {
    return rows.values().stream().reduce(new Row("all kernels", "", 0, 0, 0, 0), Row::plus);
  }
}
