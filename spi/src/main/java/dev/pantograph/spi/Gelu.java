package dev.pantograph.spi;

import java.util.List;

/**
 * Gaussian error linear unit, element by element: {@code out = x·Φ(x)} (Hendrycks &amp; Gimpel, arXiv 1606.08415).
 * Both operands may be stored in BF16.
 *
 * @param out result, contiguous, any shape; may be {@code x} itself
 * @param x input, same shape, contiguous
 * @param form which formula for Φ
 */
public record Gelu(View out, View x, Form form) implements Kernel {

  /** How Φ, the normal distribution function, is computed. */
  public enum Form {
    /** {@code Φ(x) = ½·(1 + erf(x/√2))}. */
    EXACT,
    /** {@code Φ(x) ≈ ½·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. */
    TANH
  }

  /** Arithmetic operations of one element. */
  static final long FLOPS = 20;

  public Gelu {
    new Contract("Gelu", out).contiguous("out", out).stored("x", x, out.shape()).contiguous("x", x)
        .written("out", out).sameAsOrApartFrom("x", x);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out), Operand.read("x", x));
  }

  @Override
  public long flops() {
    return FLOPS * out.elements();
  }
}
