package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Token lookup plus learned positions: {@code out[b, t] = scale·(table[tokens[b, t]] + positions[t])}. All but
 * the tokens may be stored in BF16.
 *
 * <p>A token outside {@code [0, V)} is a {@link KernelException} that names it and its place.
 *
 * @param out result, {@code [B, T, C]}, contiguous
 * @param tokens I32 {@code [B, T]}, contiguous
 * @param table {@code [V, C]}, contiguous
 * @param positions {@code [≥ T, C]}, contiguous; absent means none
 * @param scale embedding multiplier α_in of the parameterization
 */
public record Embedding(View out, View tokens, View table, @Nullable View positions, double scale) implements Kernel {

  public Embedding {
    Contract contract = new Contract("Embedding", out);
    contract.rank("out", out, 3).contiguous("out", out);
    contract.tokens("tokens", tokens, Shape.of(out.size(0), out.size(1)));
    contract.rank("table", table, 2).stored("table", table, Shape.of(table.size(0), out.size(2)))
        .contiguous("table", table);
    if (positions != null) {
      contract.rank("positions", positions, 2).stored("positions", positions, Shape.of(positions.size(0), out.size(2)))
          .contiguous("positions", positions);
      contract.that(positions.size(0) >= out.size(1),
          "positions is %s, needed at least %d rows for the sequence length", positions, out.size(1));
    }
    contract.written("out", out).apartFrom("tokens", tokens).apartFrom("table", table)
        .apartFrom("positions", positions);
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(4);
    operands.add(Operand.write("out", out));
    operands.add(Operand.read("tokens", tokens));
    operands.add(Operand.read("table", table));
    if (positions != null) {
      operands.add(Operand.read("positions", positions));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 2 * out.elements();
  }

  /** The rows looked up, not the whole table. */
  @Override
  public long bytes() {
    int row = table.type().bytes() + (positions == null ? 0 : positions.type().bytes());
    return out.bytes() + out.elements() * row + tokens.bytes();
  }
}
