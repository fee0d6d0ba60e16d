package dev.pantograph.spi;

import java.util.List;

/**
 * Gradient of {@link Gelu}: {@code dx = dOut·gelu′(x)}; for the exact form {@code gelu′(x) = Φ(x) + x·φ(x)} with the
 * normal density φ, for the tanh form the derivative of that formula. All operands may be stored in BF16.
 *
 * @param dx gradient of the input, contiguous; added to if {@code accumulate}, else written. May be {@code dOut} itself
 *     when not accumulating
 * @param dOut gradient of the result, same shape, contiguous
 * @param x input of the forward kernel, same shape, contiguous
 */
public record GeluGradient(View dx, View dOut, View x, Gelu.Form form, boolean accumulate) implements Kernel {

  /** Arithmetic operations of one element. */
  static final long FLOPS = 30;

  public GeluGradient {
    Contract contract = new Contract("GeluGradient", dx);
    contract.contiguous("dx", dx).stored("dOut", dOut, dx.shape()).contiguous("dOut", dOut);
    contract.stored("x", x, dx.shape()).contiguous("x", x);
    Contract.Written result = contract.written("dx", dx).apartFrom("x", x);
    if (accumulate) {
      result.apartFrom("dOut", dOut);
    } else {
      result.sameAsOrApartFrom("dOut", dOut);
    }
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.output("dx", dx, accumulate), Operand.read("dOut", dOut), Operand.read("x", x));
  }

  @Override
  public long flops() {
    return FLOPS * dx.elements();
  }
}
