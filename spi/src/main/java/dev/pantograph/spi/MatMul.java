package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product over equal leading (batch) dimensions: {@code out = f(z)} with {@code z = α·(a·b + bias) + β·c}, where
 * f is the {@link Epilogue}, by itself the identity.
 *
 * <p>Transposes are views: {@link View#transpose()} moves no data. {@code c} may be {@code out} itself, which makes the
 * kernel accumulate; any other overlap is refused. With {@code c} absent, β is not used and {@code out} need not be
 * initialised.
 *
 * <p>Everything but the bias and the row sums may be stored in BF16. The sums of the inner products are float32 then,
 * and an activation is that of the float32 z, whatever its {@code preActivation} is rounded to.
 *
 * @param out result, {@code [..., M, N]}, stride 1 in N
 * @param a left factor, {@code [..., M, K]}, stride 1 in M or in K
 * @param b right factor, {@code [..., K, N]}, stride 1 in K or in N
 * @param alpha factor of the product and the bias
 * @param bias added to each row of the product, {@code [N]}, contiguous; or absent
 * @param beta factor of {@code c}
 * @param c addend, {@code [..., M, N]}, stride 1 in N; or absent
 * @param epilogue what else is done while the result, or {@code a}, is at hand
 */
public record MatMul(View out, View a, View b, double alpha, @Nullable View bias, double beta, @Nullable View c,
    Epilogue epilogue) implements Kernel {

  /** What a product does beside multiplying, to save a later pass over its result or its left factor. */
  public sealed interface Epilogue {
    /** Nothing: {@code out = z}. */
    Epilogue NONE = new None();

    /** {@code out = z}. */
    record None() implements Epilogue {}

    /**
     * Activation of a feed-forward layer: {@code preActivation = z}, {@code out = gelu(z)}.
     *
     * @param preActivation written, shape of {@code out}, stride 1 in N
     */
    record Activation(View preActivation, Gelu.Form form) implements Epilogue {}

    /**
     * Gradient through an activation: {@code out = z·gelu′(preActivation)}, element by element. There is no {@code c}.
     *
     * @param preActivation what the activation was applied to, shape of {@code out}, stride 1 in N
     */
    record ActivationGradient(View preActivation, Gelu.Form form) implements Epilogue {}

    /**
     * Row sums of the left factor beside {@code out = z}: {@code sums[m] = α·Σₖ a[m, k]}. Where the product is the
     * gradient of a weight, {@code α·dOutᵀ·x}, they are that of its bias.
     *
     * @param sums {@code [..., M]}, contiguous; added to if {@code accumulate}, else written
     */
    record RowSums(View sums, boolean accumulate) implements Epilogue {}
  }

  /** A product without epilogue. */
  public MatMul(View out, View a, View b, double alpha, @Nullable View bias, double beta, @Nullable View c) {
    this(out, a, b, alpha, bias, beta, c, Epilogue.NONE);
  }

  public MatMul {
    Contract contract = new Contract("MatMul", out);
    int rank = out.rank();
    contract.that(rank >= 2 && a.rank() == rank && b.rank() == rank,
        "out %s, a %s, b %s: needed the same rank, at least 2", out, a, b);
    contract.stored("a", a).stored("b", b).unitInnerStride("out", out);
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
      contract.stored("c", c, out.shape()).unitInnerStride("c", c);
      result.sameAsOrApartFrom("c", c);
    }
    switch (epilogue) {
      case Epilogue.None _ -> {}
      case Epilogue.Activation(View preActivation, var _) -> {
        contract.stored("preActivation", preActivation, out.shape()).unitInnerStride("preActivation", preActivation);
        contract.written("preActivation", preActivation)
            .apartFrom("out", out).apartFrom("a", a).apartFrom("b", b).apartFrom("bias", bias).apartFrom("c", c);
      }
      case Epilogue.ActivationGradient(View preActivation, var _) -> {
        contract.that(c == null, "c beside the gradient of an activation; add it in a kernel of its own");
        contract.stored("preActivation", preActivation, out.shape()).unitInnerStride("preActivation", preActivation);
        result.apartFrom("preActivation", preActivation);
      }
      case Epilogue.RowSums(View sums, var _) -> {
        contract.that(out.size(-1) > 0, "out is %s, needed columns beside row sums; use Sum", out);
        contract.shape("sums", sums, Arrays.copyOf(out.shape().toArray(), rank - 1)).contiguous("sums", sums);
        contract.written("sums", sums)
            .apartFrom("out", out).apartFrom("a", a).apartFrom("b", b).apartFrom("bias", bias).apartFrom("c", c);
      }
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

  /** The same product with an epilogue. */
  public MatMul with(Epilogue newEpilogue) {
    return new MatMul(out, a, b, alpha, bias, beta, c, newEpilogue);
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
    List<Operand> operands = new ArrayList<>(6);
    operands.add(Operand.output("out", out, c != null && c.sameElementsAs(out)));
    switch (epilogue) {
      case Epilogue.None _ -> {}
      case Epilogue.Activation(View preActivation, var _) ->
          operands.add(Operand.write("preActivation", preActivation));
      case Epilogue.ActivationGradient(View preActivation, var _) ->
          operands.add(Operand.read("preActivation", preActivation));
      case Epilogue.RowSums(View sums, boolean accumulate) -> operands.add(Operand.output("sums", sums, accumulate));
    }
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
    return 2 * out.elements() * k() + switch (epilogue) {
      case Epilogue.None _ -> 0;
      case Epilogue.Activation _ -> Gelu.FLOPS * out.elements();
      case Epilogue.ActivationGradient _ -> GeluGradient.FLOPS * out.elements();
      case Epilogue.RowSums _ -> a.elements();
    };
  }
}
