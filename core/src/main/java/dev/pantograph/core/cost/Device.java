package dev.pantograph.core.cost;

import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DeviceModel;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.Prediction;
import dev.pantograph.spi.Prediction.Bound;
import dev.pantograph.spi.View;
import java.util.Locale;

/**
 * What a device can do at best, as far as a roofline needs it. The least time a kernel can take on it is
 * {@code max(flops / peak, bytes / bandwidth)} (Williams, Waterman and Patterson, "Roofline", Communications of the ACM
 * 52(4), 2009), and the device's time between kernels.
 *
 * @param name as shown
 * @param flopsPerSecond in F32, a multiply-add counted as two
 * @param flopsPerSecondF64 in F64
 * @param flopsPerSecondBf16 of products of bfloat16 factors
 * @param bytesPerSecond to and from memory, read plus written
 * @param secondsPerKernel from the end of one kernel to the begin of the next
 */
public record Device(String name, double flopsPerSecond, double flopsPerSecondF64, double flopsPerSecondBf16,
    double bytesPerSecond, double secondsPerKernel) implements DeviceModel {
  public Device {
    if (!(flopsPerSecond > 0 && flopsPerSecondF64 > 0 && flopsPerSecondBf16 > 0 && bytesPerSecond > 0)
        || !(secondsPerKernel >= 0)) {
      throw new IllegalArgumentException(("device '%s': %s, %s and %s FLOP/s, %s bytes/s, %s seconds per kernel"
          + " (expected: rates above 0, seconds not below)").formatted(name, flopsPerSecond, flopsPerSecondF64,
              flopsPerSecondBf16, bytesPerSecond, secondsPerKernel));
    }
  }

  /** A processor of which the ceilings in F32 were measured: F64 is half as fast, bfloat16 no faster. */
  public static Device of(String name, Ceilings ceilings) {
    return new Device(name, ceilings.flopsPerSecond(), ceilings.flopsPerSecond() / 2, ceilings.flopsPerSecond(),
        ceilings.bytesPerSecond(), 0);
  }

  @Override
  public String title() {
    return String.format(Locale.ROOT,
        "Least time of one step's kernels on '%s' (%.4g FLOP/s, %.4g bytes/s, %.3g s between kernels)",
        name, flopsPerSecond, bytesPerSecond, secondsPerKernel);
  }

  @Override
  public Prediction predict(Kernel kernel) {
    double compute = kernel.flops() / flopsPerSecond(factors(kernel));
    double memory = kernel.bytes() / bytesPerSecond;
    double work = Math.max(compute, memory);
    Bound bound = secondsPerKernel > work ? Bound.LAUNCH : compute > memory ? Bound.COMPUTE : Bound.MEMORY;
    return new Prediction(work + secondsPerKernel, bound);
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

  private double flopsPerSecond(DType type) {
    return switch (type) {
      case F32, I32 -> flopsPerSecond;
      case F64 -> flopsPerSecondF64;
      case BF16 -> flopsPerSecondBf16;
    };
  }
}
