package dev.pantograph.spi;

import java.util.List;

/**
 * Gradient of {@link SwiGlu}, with the logistic function σ of the gate: {@code dUp = dOut·gate·σ} and
 * {@code dGate = dOut·up·σ·(1 + gate·(1 − σ))}. All operands are {@code [rows, F]} with stride 1 in the last dimension,
 * and may be stored in BF16.
 *
 * @param dGate added to if {@code accumulate}, else written; may interleave with {@code dUp}, as two halves of rows do
 * @param dUp added to if {@code accumulate}, else written
 * @param dOut gradient of the result
 * @param gate of the forward kernel
 * @param up of the forward kernel
 */
public record SwiGluGradient(View dGate, View dUp, View dOut, View gate, View up, boolean accumulate)
    implements Kernel {

  public SwiGluGradient {
    Contract contract = new Contract("SwiGluGradient", dGate);
    contract.rank("dGate", dGate, 2).unitInnerStride("dGate", dGate);
    contract.stored("dUp", dUp, dGate.shape()).unitInnerStride("dUp", dUp);
    contract.stored("dOut", dOut, dGate.shape()).unitInnerStride("dOut", dOut);
    contract.stored("gate", gate, dGate.shape()).unitInnerStride("gate", gate);
    contract.stored("up", up, dGate.shape()).unitInnerStride("up", up);
    contract.written("dGate", dGate).sharingNothingWith("dUp", dUp)
        .apartFrom("dOut", dOut).apartFrom("gate", gate).apartFrom("up", up);
    contract.written("dUp", dUp).apartFrom("dOut", dOut).apartFrom("gate", gate).apartFrom("up", up);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.output("dGate", dGate, accumulate), Operand.output("dUp", dUp, accumulate),
        Operand.read("dOut", dOut), Operand.read("gate", gate), Operand.read("up", up));
  }

  @Override
  public long flops() {
    return 20 * dGate.elements();
  }
}
