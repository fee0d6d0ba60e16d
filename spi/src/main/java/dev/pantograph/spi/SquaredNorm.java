package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * Sum of squares over several tensors: {@code out = Σᵢ Σ xᵢ²}, accumulated in float64.
 *
 * @param out F64 scalar, written
 * @param inputs contiguous, of one element type
 */
public record SquaredNorm(View out, List<View> inputs) implements Kernel {

  public SquaredNorm {
    inputs = List.copyOf(inputs);
    if (out.type() != DType.F64 || out.elements() != 1) {
      throw new KernelException("SquaredNorm: out is " + out + ", needed one F64 element");
    }
    for (View input : inputs) {
      new Contract("SquaredNorm", inputs.getFirst()).type("input", input).contiguous("input", input)
          .written("out", out).apartFrom("input", input);
    }
  }

  @Override
  public List<Operand> operands() {
    List<Operand> operands = new ArrayList<>(inputs.size() + 1);
    operands.add(Operand.write("out", out));
    for (View input : inputs) {
      operands.add(Operand.read("input", input));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 2 * inputs.stream().mapToLong(View::elements).sum();
  }
}
