package dev.pantograph.core.cost;

import dev.pantograph.core.cost.KernelCost.Bound;
import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.spi.Kernel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What some kernels, such as those of a training step, cost on a device, by what they compute and in what sizes. */
public final class StepCost {
  private final Device device;
  private final Map<String, Row> rows = new HashMap<>();

  /**
   * All kernels of one label.
   *
   * @param label kernel and sizes, such as {@code MatMul 4096×768×256 NT}
   * @param calls how many there are
   * @param flops their arithmetic
   * @param bytes their memory traffic
   * @param seconds their least time together
   * @param bound what it is spent on; of all kernels together, what most of it is
   */
  public record Row(String label, long calls, long flops, long bytes, double seconds, Bound bound) {
    private Row plus(Row other) {
      return new Row(label, calls + other.calls, flops + other.flops, bytes + other.bytes, seconds + other.seconds,
          bound);
    }
  }

  StepCost(Device device, Iterable<Kernel> kernels) {
    this.device = device;
    for (Kernel kernel : kernels) {
      KernelCost cost = KernelCost.of(kernel, device);
      String label = KernelLabel.of(kernel);
      rows.merge(label, new Row(label, 1, cost.flops(), cost.bytes(), cost.seconds(), cost.bound()), Row::plus);
    }
  }

  /** The device it was reckoned for. */
  public Device device() {
    return device;
  }

  /** One row for each label, the longest time first. */
  public List<Row> rows() {
    return rows.values().stream()
        .sorted(Comparator.comparingDouble(Row::seconds).reversed().thenComparing(Row::label)).toList();
  }

  /** All kernels together, one after another. */
  public Row total() {
    Bound bound = Bound.COMPUTE;
    for (Bound candidate : Bound.values()) {
      if (seconds(candidate) > seconds(bound)) {
        bound = candidate;
      }
    }
    Row sum = new Row("all kernels", 0, 0, 0, 0, bound);
    for (Row row : rows()) {
      sum = sum.plus(row);
    }
    return sum;
  }

  /** Time of the kernels that run into one limit. */
  public double seconds(Bound bound) {
    return rows.values().stream().filter(row -> row.bound() == bound).mapToDouble(Row::seconds).sum();
  }
}
