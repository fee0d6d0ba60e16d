package dev.pantograph.core.cost;

import dev.pantograph.core.profile.ChromeTrace;
import dev.pantograph.spi.DeviceModel;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Prediction;
import dev.pantograph.spi.Prediction.Bound;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What some kernels, such as those of a training step, cost on a device, by what they compute and in what sizes. */
public final class StepCost {
  private final DeviceModel device;
  private final Map<String, Row> rows = new HashMap<>();
  private final List<ChromeTrace.Slice> timeline = new ArrayList<>();

  /**
   * All kernels of one label.
   *
   * @param label kernel and sizes, such as {@code MatMul 4096×768×256 NT}
   * @param calls how many there are
   * @param flops their arithmetic
   * @param bytes their memory traffic: every operand crosses the bus once
   * @param seconds their time together
   * @param secondsIfDense the same if no weight were left out
   * @param bound what it is spent on; of all kernels together, what most of it is
   */
  public record Row(String label, long calls, long flops, long bytes, double seconds, double secondsIfDense,
      Bound bound) {
    private Row plus(Row other) {
      return new Row(label, calls + other.calls, flops + other.flops, bytes + other.bytes, seconds + other.seconds,
          secondsIfDense + other.secondsIfDense, bound);
    }
  }

  StepCost(DeviceModel device, Iterable<Kernel> kernels) {
    this.device = device;
    for (Kernel kernel : kernels) {
      Prediction cost = device.predict(kernel);
      ChromeTrace.Slice slice = ChromeTrace.slice(kernel, Math.round(cost.seconds() * 1e9), cost.bound().label());
      timeline.add(slice);
      rows.merge(slice.name(), new Row(slice.name(), 1, kernel.flops(), kernel.bytes(), cost.seconds(),
          cost.secondsIfDense(), cost.bound()), Row::plus);
    }
  }

  /** The device it was reckoned for. */
  public DeviceModel device() {
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
    Row sum = new Row("all kernels", 0, 0, 0, 0, 0, bound);
    for (Row row : rows()) {
      sum = sum.plus(row);
    }
    return sum;
  }

  /** Time of the kernels that run into one limit. */
  public double seconds(Bound bound) {
    return rows.values().stream().filter(row -> row.bound() == bound).mapToDouble(Row::seconds).sum();
  }

  /** The kernels one after another. */
  public ChromeTrace timeline() {
    ChromeTrace trace = new ChromeTrace();
    trace.add("step on " + device.name(), 0, timeline);
    return trace;
  }
}
