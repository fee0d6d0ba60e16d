package dev.pantograph.spi;

import java.util.List;

/** Says what kernels would take on a device that is described, and need not be there. */
public interface DeviceModel {
  /** The device, as shown. */
  String name();

  /** One line above its predictions: what kind of time they are, on which device, from which figures. */
  String title();

  /** What a reader must know to believe the predictions, one point each: what was assumed. Usually none. */
  default List<String> remarks() {
    return List.of();
  }

  /** Arithmetic at best, a multiply-add counted as two. */
  double flopsPerSecond();

  /**
   * The time of one kernel, by its sizes and patterns. No other operand is looked at.
   *
   * @throws KernelException if the device could not run it
   */
  Prediction predict(Kernel kernel);
}
