package dev.pantograph.spi;

import java.util.List;

/**
 * Gated linear unit with the sigmoid linear unit as its gate, element by element: {@code out = silu(gate)·up} with
 * {@code silu(x) = x·σ(x) = x/(1 + e^{−x})} (Shazeer 2020, arXiv 2002.05202). Gate and up are usually the two halves of
 * the rows of one product, {@code [rows, 2F]}: rows may lie any distance apart. All operands may be stored in BF16.
 *
 * @param out result, {@code [rows, F]}, stride 1 in the last dimension
 * @param gate same shape, stride 1 in the last dimension
 * @param up same shape, stride 1 in the last dimension
 */
public record SwiGlu(View out, View gate, View up) implements Kernel {

  public SwiGlu {
    Contract contract = new Contract("SwiGlu", out);
    contract.rank("out", out, 2).unitInnerStride("out", out);
    contract.stored("gate", gate, out.shape()).unitInnerStride("gate", gate);
    contract.stored("up", up, out.shape()).unitInnerStride("up", up);
    contract.written("out", out).apartFrom("gate", gate).apartFrom("up", up);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out), Operand.read("gate", gate), Operand.read("up", up));
  }

  @Override
  public long flops() {
    return 15 * out.elements();
  }
}
