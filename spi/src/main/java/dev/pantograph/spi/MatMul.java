package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product: {@code out = α·(a·b + bias) + β·c}, over equal leading (batch) dimensions.
 *
 * <p>Transposes are views: {@link View#transpose()} moves no data. {@code c} may be {@code out} itself, which makes the
 * kernel accumulate; any other overlap is refused. With {@code c} absent, β is not used and {@code out} need not be
 * initialised.
 *
 * @param out result, {@code [..., M, N]}, stride 1 in N
 * @param a left factor, {@code [..., M, K]}, stride 1 in M or in K
 * @param b right factor, {@code [..., K, N]}, stride 1 in K or in N
 * @param alpha factor of the product and the bias
 * @param bias added to each row of the product, {@code [N]}, contiguous; or absent
 * @param beta factor of {@code c}
 * @param c addend, {@code [..., M, N]}, stride 1 in N; or absent
 */
public record MatMul(View out, View a, View b, double alpha, @Nullable View bias, double beta, @Nullable View c)
    implements Kernel {

  public MatMul {
    Contract contract = new Contract("MatMul", out);
    int rank = out.rank();
    contract.that(rank >= 2 && a.rank() == rank && b.rank() == rank,
        "out %s, a %s, b %s: needed the same rank, at least 2", out, a, b);
    contract.type("a", a).type("b", b).unitInnerStride("out", out);
    contract.that(a.size(-1) == b.size(-2), "inner dimensions differ: a %s, b %s; is a transpose() missing?", a, b);
    contract.that(out.size(-2) == a.size(-2) && out.size(-1) == b.size(-1),
        "out is %s, needed [%d, %d] in the last dimensions (a %s, b %s)", out, a.size(-2), b.size(-1), a, b);
    for (int d = 0; d < rank - 2; d++) {
      contract.that(out.size(d) == a.size(d) && out.size(d) == b.size(d),
          "batch dimension %d differs: out %s, a %s, b %s", d, out, a, b);
    }
    contract.that(hasUnitStride(a) && hasUnitStride(b),
        "a %s and b %s: needed stride 1 in one of the last two dimensions; copy the operand first", a, b);
    Contract.Written result = contract.written("out", out).apartFrom("a", a).apartFrom("b", b);
    if (bias != null) {
      contract.shape("bias", bias, out.size(-1)).contiguous("bias", bias);
      result.apartFrom("bias", bias);
    }
    if (c != null) {
      contract.shape("c", c, out.shape()).unitInnerStride("c", c);
      result.sameAsOrApartFrom("c", c);
    }
  }

  private static boolean hasUnitStride(View view) {
    return view.stride(-1) == 1 || view.stride(-2) == 1 || view.size(-1) <= 1 || view.size(-2) <= 1;
  }

  /** {@code out = a·b}. */
  public static MatMul product(View out, View a, View b) {
    return new MatMul(out, a, b, 1, null, 0, null);
  }

  /** {@code out = α·a·b}, added to what {@code out} holds if {@code accumulate}. */
  public static MatMul scaled(View out, View a, View b, double alpha, boolean accumulate) {
    return new MatMul(out, a, b, alpha, null, accumulate ? 1 : 0, accumulate ? out : null);
  }

  /** Rows M of the result. */
  public long m() {
    return out.size(-2);
  }

  /** Columns N of the result. */
  public long n() {
    return out.size(-1);
  }

  /** Length K of the inner products. */
  public long k() {
    return a.size(-1);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(5);
    operands.add(Operand.output("out", out, c != null && c.sameElementsAs(out)));
    operands.add(Operand.read("a", a));
    operands.add(Operand.read("b", b));
    if (bias != null) {
      operands.add(Operand.read("bias", bias));
    }
    if (c != null && !c.sameElementsAs(out)) {
      operands.add(Operand.read("c", c));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 2 * out.elements() * k();
  }
}
