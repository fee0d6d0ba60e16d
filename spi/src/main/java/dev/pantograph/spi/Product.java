package dev.pantograph.spi;

import java.util.List;

/**
 * Element by element, {@code out = x·y}, added to what {@code out} holds if {@code accumulate}. The effective weight of
 * a masked parameter is such a product. All operands may be stored in BF16.
 *
 * @param out contiguous, any shape; may be {@code x} or {@code y} itself when not accumulating
 * @param x same shape, contiguous
 * @param y same shape, contiguous
 */
public record Product(View out, View x, View y, boolean accumulate) implements Kernel {

  public Product {
    Contract contract = new Contract("Product", out).contiguous("out", out);
    contract.stored("x", x, out.shape()).contiguous("x", x).stored("y", y, out.shape()).contiguous("y", y);
    Contract.Written result = contract.written("out", out);
    if (accumulate) {
      result.apartFrom("x", x).apartFrom("y", y);
    } else {
      result.sameAsOrApartFrom("x", x).sameAsOrApartFrom("y", y);
    }
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.output("out", out, accumulate), Operand.read("x", x), Operand.read("y", y));
  }

  @Override
  public long flops() {
    return (accumulate ? 2 : 1) * out.elements();
  }
}
