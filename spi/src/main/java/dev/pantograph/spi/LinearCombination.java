package dev.pantograph.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Element by element, {@code out = α·x + β·y}. All operands may be stored in BF16.
 *
 * @param out contiguous, any shape; may be {@code x} or {@code y} itself
 * @param x same shape, contiguous
 * @param y same shape, contiguous; absent means {@code out = α·x}
 */
public record LinearCombination(View out, double alpha, View x, double beta, @Nullable View y) implements Kernel {

  public LinearCombination {
    Contract contract = new Contract("LinearCombination", out).contiguous("out", out);
    contract.stored("x", x, out.shape()).contiguous("x", x);
    Contract.Written result = contract.written("out", out).sameAsOrApartFrom("x", x);
    if (y != null) {
      contract.stored("y", y, out.shape()).contiguous("y", y);
      result.sameAsOrApartFrom("y", y);
    }
  }

  @Override
  public List<Operand> operands() {
    return y == null
        ? List.of(Operand.write("out", out), Operand.read("x", x))
        : List.of(Operand.write("out", out), Operand.read("x", x), Operand.read("y", y));
  }

  @Override
  public long flops() {
    return (y == null ? 1 : 3) * out.elements();
  }
}
