package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.ANY;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import java.util.EnumSet;
import java.util.Set;

/** Between any arrangements, of one type or between neighbouring ones. */
record CopyCase(Conversion conversion) implements KernelCase {

  /** From which type to which. */
  enum Conversion {
    NONE("Copy", EnumSet.allOf(DType.class)),
    WIDENING("Copy, widening", EnumSet.of(DType.F32, DType.F64)),
    SHORTENING("Copy, shortening", EnumSet.of(DType.BF16, DType.F32));

    private final String name;
    private final Set<DType> results;

    Conversion(String name, Set<DType> results) {
      this.name = name;
      this.results = results;
    }

    private DType source(DType result) {
      return switch (this) {
        case NONE -> result;
        case WIDENING -> result == DType.F64 ? DType.F32 : DType.BF16;
        case SHORTENING -> result == DType.F32 ? DType.F64 : DType.F32;
      };
    }
  }

  @Override
  public Class<? extends Kernel> kernel() {
    return Copy.class;
  }

  @Override
  public String name() {
    return conversion.name;
  }

  @Override
  public Set<DType> types() {
    return conversion.results;
  }

  @Override
  public Set<DType> typesBehind(DType type) {
    return EnumSet.of(type, conversion.source(type));
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(3, 1031);
    Accuracy accuracy = conversion == Conversion.NONE ? Accuracy.EXACT : new Accuracy(0, 1);
    return new Sample(accuracy, o ->
        new Copy(o.result("out", ANY, sizes), o.read("x", conversion.source(o.type()), ANY, sizes)));
  }
}
