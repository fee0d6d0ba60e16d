package dev.pantograph.tck.kernels;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import java.util.Set;

/**
 * Everything the rules need to know about one kernel: how to draw instances of it. What a kernel may be asked for
 * (layouts, results that replace operands, absent operands, forward kernel of a gradient) is said where the sample
 * makes its operands, in the words of {@link Operands}.
 */
public interface KernelCase {
  Set<DType> REALS = Set.of(DType.F32, DType.F64, DType.BF16);
  /** The types of kernels whose operands are never stored in a shorter type than they are computed in. */
  Set<DType> EXACT = Set.of(DType.F32, DType.F64);

  Class<? extends Kernel> kernel();

  /** The kernel's name, with what sets this case apart where a kernel has several. */
  default String name() {
    return kernel().getSimpleName();
  }

  /** Element types the kernel's contract knows. */
  default Set<DType> types() {
    return REALS;
  }

  /** All types a backend must serve for the case in one of its {@link #types}. */
  default Set<DType> typesBehind(DType type) {
    return Set.of(type);
  }

  /** Draws an instance. */
  Sample sample(Dice dice);
}
