package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradient of {@link Norm}. With {@code x̂ = (x − mean)·inverseStd} and {@code g = dOut·gain}, per row:
 * {@code dx = inverseStd·(g − mean(g) − x̂·mean(g·x̂))}, where RMSNorm has neither mean nor mean(g); over all rows:
 * {@code dGain += Σ dOut·x̂}, {@code dBias += Σ dOut}. {@code dx}, {@code dOut} and {@code x} may be stored in BF16.
 *
 * @param dx gradient of the input, {@code [..., C]}, contiguous; added to if {@code accumulate}, else written. May be
 *     {@code dOut} itself when not accumulating
 * @param dGain added to, {@code [C]}; absent if there is no gain
 * @param dBias added to, {@code [C]}; absent if there is no bias
 * @param dOut gradient of the result, {@code [..., C]}, contiguous
 * @param x input of the forward kernel
 * @param mean written by the forward kernel; absent if it was
 * @param inverseStd written by the forward kernel
 * @param gain of the forward kernel
 */
public record NormGradient(
    View dx, @Nullable View dGain, @Nullable View dBias, View dOut, View x, @Nullable View mean, View inverseStd,
    @Nullable View gain, boolean accumulate)
    implements Kernel {

  public NormGradient {
    Contract contract = new Contract("NormGradient", dx);
    contract.that(dx.rank() >= 1, "dx is %s, needed at least one dimension", dx);
    long rows = dx.shape().rows();
    contract.contiguous("dx", dx).stored("dOut", dOut, dx.shape()).contiguous("dOut", dOut);
    contract.stored("x", x, dx.shape()).contiguous("x", x);
    if (mean != null) {
      contract.shape("mean", mean, rows).contiguous("mean", mean);
    }
    contract.shape("inverseStd", inverseStd, rows).contiguous("inverseStd", inverseStd);
    if (gain != null) {
      contract.shape("gain", gain, dx.size(-1)).contiguous("gain", gain);
    }
    if (dGain != null) {
      contract.shape("dGain", dGain, dx.size(-1)).contiguous("dGain", dGain);
    }
    if (dBias != null) {
      contract.shape("dBias", dBias, dx.size(-1)).contiguous("dBias", dBias);
    }
    Contract.Written inputGradient = contract.written("dx", dx).apartFrom("dGain", dGain).apartFrom("dBias", dBias)
        .apartFrom("x", x).apartFrom("mean", mean).apartFrom("inverseStd", inverseStd).apartFrom("gain", gain);
    if (accumulate) {
      inputGradient.apartFrom("dOut", dOut);
    } else {
      inputGradient.sameAsOrApartFrom("dOut", dOut);
    }
    contract.written("dGain", dGain).apartFrom("dBias", dBias).apartFrom("dOut", dOut)
        .apartFrom("x", x).apartFrom("mean", mean).apartFrom("inverseStd", inverseStd).apartFrom("gain", gain);
    contract.written("dBias", dBias).apartFrom("dOut", dOut)
        .apartFrom("x", x).apartFrom("mean", mean).apartFrom("inverseStd", inverseStd).apartFrom("gain", gain);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(8);
    operands.add(Operand.output("dx", dx, accumulate));
    if (dGain != null) {
      operands.add(Operand.update("dGain", dGain));
    }
    if (dBias != null) {
      operands.add(Operand.update("dBias", dBias));
    }
    operands.add(Operand.read("dOut", dOut));
    operands.add(Operand.read("x", x));
    if (mean != null) {
      operands.add(Operand.read("mean", mean));
    }
    operands.add(Operand.read("inverseStd", inverseStd));
    if (gain != null) {
      operands.add(Operand.read("gain", gain));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 14 * dx.elements();
  }
}
