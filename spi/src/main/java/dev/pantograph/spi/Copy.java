package dev.pantograph.spi;

import java.util.List;

/**
 * Copies element by element, converting between F32, F64 and BF16 where the types differ, by rounding to nearest.
 * Either side may be strided, so this is also how a transposed view becomes contiguous.
 *
 * @param out same shape as {@code x}
 */
public record Copy(View out, View x) implements Kernel {

  public Copy {
    if (!out.shape().equals(x.shape())) {
      throw new KernelException("Copy: out is %s, x is %s: needed the same shape".formatted(out, x));
    }
    if (out.type().isFloating() != x.type().isFloating()) {
      throw new KernelException("Copy: out is %s, x is %s: no conversion between integers and reals".formatted(out, x));
    }
    if (out.overlaps(x)) {
      throw new KernelException("Copy: out %s overlaps x %s".formatted(out, x));
    }
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out), Operand.read("x", x));
  }

  @Override
  public long flops() {
    return 0;
  }
}
