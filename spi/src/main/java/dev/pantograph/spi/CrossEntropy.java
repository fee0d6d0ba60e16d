package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Softmax, negative log-likelihood and its gradient in one pass over the logits:
 * {@code losses[r] = ln Σ_v exp(logits[r, v]) − logits[r, targets[r]]} (nats) and
 * {@code dLogits[r, v] = gradientScale·(softmax(logits[r])_v − [v = targets[r]])}.
 *
 * <p>Logits and their gradient may be stored in BF16. A target outside {@code [0, V)} is a {@link KernelException} that
 * names it and its row.
 *
 * @param losses {@code [rows]}, contiguous
 * @param logits {@code [rows, V]}, contiguous
 * @param targets I32 {@code [rows]}, contiguous
 * @param dLogits {@code [rows, V]}, contiguous; may be {@code logits} itself; absent if no gradient is wanted
 * @param gradientScale factor of the gradient: 1/rows for a mean loss
 */
public record CrossEntropy(View losses, @Nullable View dLogits, View logits, View targets, double gradientScale)
    implements Kernel {

  public CrossEntropy {
    Contract contract = new Contract("CrossEntropy", logits);
    contract.rank("logits", logits, 2).contiguous("logits", logits);
    contract.that(logits.size(1) > 0, "logits is %s, needed a vocabulary of at least 1", logits);
    contract.shape("losses", losses, logits.size(0)).contiguous("losses", losses);
    contract.tokens("targets", targets, Shape.of(logits.size(0)));
    if (dLogits != null) {
      contract.stored("dLogits", dLogits, logits.shape()).contiguous("dLogits", dLogits);
    }
    contract.written("losses", losses).apartFrom("dLogits", dLogits).apartFrom("logits", logits)
        .apartFrom("targets", targets);
    contract.written("dLogits", dLogits).sameAsOrApartFrom("logits", logits).apartFrom("targets", targets);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(4);
    operands.add(Operand.write("losses", losses));
    if (dLogits != null) {
      operands.add(Operand.write("dLogits", dLogits));
    }
    operands.add(Operand.read("logits", logits));
    operands.add(Operand.read("targets", targets));
    return operands;
  }

  @Override
  public long flops() {
    return 12 * logits.elements();
  }
}
