package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.ANY;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import java.util.EnumSet;
import java.util.Set;

/** Between any arrangements, of one type or from float32 to float64 and back. */
record CopyCase(boolean converting) implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Copy.class;
  }

  @Override
  public String name() {
    return converting ? "Copy, converting" : "Copy";
  }

  @Override
  public Set<DType> types() {
    return converting ? EnumSet.of(DType.F32, DType.F64) : EnumSet.allOf(DType.class);
  }

  @Override
  public Set<DType> typesBehind(DType type) {
    return EnumSet.of(type, source(type));
  }

  private DType source(DType type) {
    return !converting ? type : type == DType.F32 ? DType.F64 : DType.F32;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(3, 1031);
    Accuracy accuracy = converting ? new Accuracy(0, 1) : Accuracy.EXACT;
    return new Sample(accuracy, o ->
        new Copy(o.result("out", ANY, sizes), o.read("x", source(o.type()), ANY, sizes)));
  }
}
