package dev.pantograph.core.cost;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.View;

/**
 * The least time a kernel can take on a device: {@code max(flops / peak, bytes / bandwidth)} (Williams, Waterman and
 * Patterson, "Roofline", Communications of the ACM 52(4), 2009), and the device's time between kernels.
 *
 * @param flops as the kernel counts them
 * @param bytes as the kernel counts them: every operand crosses the bus once
 * @param seconds least time
 * @param bound what it is spent on
 */
public record KernelCost(long flops, long bytes, double seconds, Bound bound) {
  /** The limit that a kernel runs into. */
  public enum Bound { COMPUTE, MEMORY, LAUNCH }

  /** The cost of one kernel. */
  public static KernelCost of(Kernel kernel, Device device) {
    double compute = kernel.flops() / device.flopsPerSecond(factors(kernel));
    double memory = kernel.bytes() / device.bytesPerSecond();
    double work = Math.max(compute, memory);
    Bound bound = device.secondsPerKernel() > work ? Bound.LAUNCH : compute > memory ? Bound.COMPUTE : Bound.MEMORY;
    return new KernelCost(kernel.flops(), kernel.bytes(), work + device.secondsPerKernel(), bound);
  }

  /** The type that sets the pace: that of the largest operand the kernel reads. Sums may be wider. */
  private static DType factors(Kernel kernel) {
    View largest = null;
    for (Operand operand : kernel.operands()) {
      View view = operand.view();
      if (operand.access() != Access.WRITE && view.type().isFloating()
          && (largest == null || view.elements() > largest.elements())) {
        largest = view;
      }
    }
    return largest == null ? DType.F32 : largest.type();
  }
}
