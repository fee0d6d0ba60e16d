package dev.pantograph.dataflow;

import dev.pantograph.dataflow.Wafer.Cores;
import dev.pantograph.dataflow.Wafer.Fabric;
import dev.pantograph.dataflow.Wafer.Memory;
import dev.pantograph.dataflow.Wafer.Weights;

/** Wafers that have one limit and no other. */
final class Wafers {
  static final double PEAK = 7.48e15;
  private static final double NO_LIMIT = 1e60;

  private Wafers() {}

  static Figure figure(double value) {
    return new Figure(value, "test", true);
  }

  /** Arithmetic and link of one core that is as fast as a WSE-2: utilisation is 1 wherever arithmetic is the limit. */
  static Wafer ideal(double linkBytesPerSecond) {
    return with(1, PEAK, NO_LIMIT, NO_LIMIT, linkBytesPerSecond);
  }

  static Wafer ideal() {
    return ideal(NO_LIMIT);
  }

  /** One with {@code memoryBytes} for activations and as many for sums. */
  static Wafer with(long cores, double flopsPerSecond, double memoryBytes, double fabricBytesPerSecond,
      double linkBytesPerSecond) {
    return new Wafer("test", new Cores(figure(cores), figure(1e9), figure(flopsPerSecond / cores / 1e9)),
        new Memory(figure(2 * memoryBytes), figure(NO_LIMIT), figure(6), figure(0.5)),
        new Fabric(figure(fabricBytesPerSecond), figure(1 / NO_LIMIT), figure(4), figure(64)),
        new Weights(figure(linkBytesPerSecond), figure(2), figure(2)));
  }
}
