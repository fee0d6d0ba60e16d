package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a gradient kernel differentiates: {@code loss = scale·Σᵢ weightsᵢ·outᵢ} of a forward kernel, on the oracle.
 *
 * @param weights the incoming gradient; absent means 1
 * @param inputs for each gradient, by the name of its operand, the forward operand it belongs to
 */
public record Forward(Kernel kernel, View out, @Nullable View weights, double scale, Map<String, View> inputs) {
  Forward(Kernel kernel, View out, View weights, Map<String, View> inputs) {
    this(kernel, out, weights, 1, inputs);
  }
}
