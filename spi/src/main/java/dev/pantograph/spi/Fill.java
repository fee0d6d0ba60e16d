package dev.pantograph.spi;

import java.util.List;

/**
 * Sets every element to one value.
 *
 * @param out contiguous, any type
 * @param value an integer if {@code out} holds integers
 */
public record Fill(View out, double value) implements Kernel {

  public Fill {
    if (!out.isContiguous()) {
      throw new KernelException("Fill: out is " + out + ", needed contiguous elements");
    }
    if (out.type() == DType.I32 && value != (int) value) {
      throw new KernelException("Fill: out is %s, which cannot hold %s".formatted(out, value));
    }
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out));
  }

  @Override
  public long flops() {
    return 0;
  }
}
