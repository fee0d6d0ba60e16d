package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradient of {@link Embedding}: {@code dTable[v] += scale·Σ_{tokens[b,t]=v} dOut[b, t]} and
 * {@code dPositions[t] += scale·Σ_b dOut[b, t]}. Each row of the result is summed in order of (b, t), so the bits do
 * not depend on the number of threads. {@code dOut} may be stored in BF16.
 *
 * @param dTable added to, {@code [V, C]}, contiguous
 * @param dPositions added to, {@code [≥ T, C]}, contiguous; absent if there are no positions
 * @param dOut gradient of the result, {@code [B, T, C]}, contiguous
 * @param tokens I32 {@code [B, T]}, contiguous
 */
public record EmbeddingGradient(View dTable, @Nullable View dPositions, View dOut, View tokens, double scale)
    implements Kernel {

  public EmbeddingGradient {
    Contract contract = new Contract("EmbeddingGradient", dOut);
    contract.rank("dOut", dOut, 3).contiguous("dOut", dOut);
    contract.tokens("tokens", tokens, Shape.of(dOut.size(0), dOut.size(1)));
    contract.rank("dTable", dTable, 2).shape("dTable", dTable, dTable.size(0), dOut.size(2))
        .contiguous("dTable", dTable);
    if (dPositions != null) {
      contract.rank("dPositions", dPositions, 2).shape("dPositions", dPositions, dPositions.size(0), dOut.size(2))
          .contiguous("dPositions", dPositions);
      contract.that(dPositions.size(0) >= dOut.size(1), "dPositions is %s, needed at least %d rows", dPositions,
          dOut.size(1));
    }
    contract.written("dTable", dTable).apartFrom("dPositions", dPositions).apartFrom("dOut", dOut)
        .apartFrom("tokens", tokens);
    contract.written("dPositions", dPositions).apartFrom("dOut", dOut).apartFrom("tokens", tokens);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(4);
    operands.add(Operand.update("dTable", dTable));
    if (dPositions != null) {
      operands.add(Operand.update("dPositions", dPositions));
    }
    operands.add(Operand.read("dOut", dOut));
    operands.add(Operand.read("tokens", tokens));
    return operands;
  }

  @Override
  public long flops() {
    return 2 * dOut.elements();
  }

  /** The rows that occur, not the whole table. */
  @Override
  public long bytes() {
    int row = dTable.type().bytes() * (dPositions == null ? 2 : 3);
    return dOut.bytes() + dOut.elements() * row + tokens.bytes();
  }
}
