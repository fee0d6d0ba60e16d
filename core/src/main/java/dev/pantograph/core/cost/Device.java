package dev.pantograph.core.cost;

import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DType;

/**
 * What a device can do at best, as far as a roofline needs it.
 *
 * @param name as shown
 * @param flopsPerSecond in F32, a multiply-add counted as two
 * @param flopsPerSecondF64 in F64
 * @param flopsPerSecondBf16 of products of bfloat16 factors
 * @param bytesPerSecond to and from memory, read plus written
 * @param secondsPerKernel from the end of one kernel to the begin of the next
 */
public record Device(String name, double flopsPerSecond, double flopsPerSecondF64, double flopsPerSecondBf16,
    double bytesPerSecond, double secondsPerKernel) {
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

  double flopsPerSecond(DType type) {
    return switch (type) {
      case F32, I32 -> flopsPerSecond;
      case F64 -> flopsPerSecondF64;
      case BF16 -> flopsPerSecondBf16;
    };
  }
}
