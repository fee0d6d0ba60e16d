package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Kernel;
import java.util.function.Function;

/**
 * One instance of a kernel: shapes and options are drawn, operands are not yet made.
 *
 * @param accuracy how exact its results must be
 * @param leeway what else they may be where operands are not finite
 * @param kernel makes it on operands; called once for the oracle and once or more for the backend under test
 */
public record Sample(Accuracy accuracy, Leeway leeway, Function<Operands, Kernel> kernel) {
  Sample(Accuracy accuracy, Function<Operands, Kernel> kernel) {
    this(accuracy, Leeway.NONE, kernel);
  }
}
