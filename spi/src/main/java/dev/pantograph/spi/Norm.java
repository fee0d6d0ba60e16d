package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each row: {@code out = gain·(x − mean)·inverseStd + bias}, in one of two kinds.
 *
 * <ul>
 *   <li>With {@code mean}, layer normalisation (Ba et al. 2016, arXiv 1607.06450): the row's own mean, and
 *       {@code inverseStd = 1/√(variance + ε)} with the biased variance.
 *   <li>Without, RMSNorm (Zhang &amp; Sennrich 2019, arXiv 1910.07467): nothing is subtracted, and
 *       {@code inverseStd = 1/√(mean of x² + ε)}.
 * </ul>
 *
 * <p>The residual addition in front of a norm is not part of it: the product that makes the branch adds the residual
 * ({@link MatMul}'s {@code c}), and {@link NormGradient} adds to the gradient that went past the norm.
 *
 * <p>Input and result may be stored in BF16.
 *
 * @param out result, {@code [..., C]}, contiguous
 * @param mean of each row, {@code [rows]}, kept for the gradient; absent means that none is subtracted
 * @param inverseStd of each row, {@code [rows]}, kept for the gradient
 * @param x input, {@code [..., C]}, contiguous
 * @param gain {@code [C]}; absent means 1
 * @param bias {@code [C]}; absent means 0
 * @param epsilon added to the variance, or to the mean square
 */
public record Norm(
    View out, @Nullable View mean, View inverseStd, View x, @Nullable View gain, @Nullable View bias, double epsilon)
    implements Kernel {

  public Norm {
    Contract contract = new Contract("Norm", out);
    contract.that(out.rank() >= 1, "out is %s, needed at least one dimension", out);
    long rows = out.shape().rows();
    contract.contiguous("out", out).stored("x", x, out.shape()).contiguous("x", x);
    if (mean != null) {
      contract.shape("mean", mean, rows).contiguous("mean", mean);
    }
    contract.shape("inverseStd", inverseStd, rows).contiguous("inverseStd", inverseStd);
    if (gain != null) {
      contract.shape("gain", gain, out.size(-1)).contiguous("gain", gain);
    }
    if (bias != null) {
      contract.shape("bias", bias, out.size(-1)).contiguous("bias", bias);
    }
    contract.written("out", out).apartFrom("mean", mean).apartFrom("inverseStd", inverseStd)
        .apartFrom("x", x).apartFrom("gain", gain).apartFrom("bias", bias);
    contract.written("mean", mean).apartFrom("inverseStd", inverseStd)
        .apartFrom("x", x).apartFrom("gain", gain).apartFrom("bias", bias);
    contract.written("inverseStd", inverseStd)
        .apartFrom("x", x).apartFrom("gain", gain).apartFrom("bias", bias);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(6);
    operands.add(Operand.write("out", out));
    if (mean != null) {
      operands.add(Operand.write("mean", mean));
    }
    operands.add(Operand.write("inverseStd", inverseStd));
    operands.add(Operand.read("x", x));
    if (gain != null) {
      operands.add(Operand.read("gain", gain));
    }
    if (bias != null) {
      operands.add(Operand.read("bias", bias));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 8 * out.elements();
  }
}
