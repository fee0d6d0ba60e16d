package dev.pantograph.spi;

import java.util.List;

/**
 * Sets every element to one value.
 *
 * @param out contiguous, any type
 */
public record Fill(View out, double value) implements Kernel {

  public Fill {
    if (!out.isContiguous()) {
      throw new KernelException("Fill: out is " + out + ", needed contiguous elements");
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
