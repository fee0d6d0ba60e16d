package dev.pantograph.core.nn;

import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.sparse.Relayout;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A trained tensor: dense; dense with a mask; or compressed to the weights its {@link Topology} names.
 *
 * @param name unique in its model, as in checkpoints
 * @param role what it does, which decides how it scales
 * @param shape of the whole, whatever is stored of it
 * @param value the weights, of that shape; with a mask, masked ones included. Compressed, the weights there are, {@code
 *     [nonZeros]} by rows
 * @param gradient of the loss, shape of the value
 * @param mask 0/1, same shape: the weight in effect is value·mask; absent if there is none
 * @param topology which weights there are; absent if all are stored
 * @param density share of the weights that are meant to be there, which those drawn have in expectation
 */
public record Parameter(String name, Role role, Shape shape, Tensor value, Tensor gradient, @Nullable Tensor mask,
    @Nullable Topology topology, double density) {

  /** A dense parameter. */
  Parameter(String name, Role role, Tensor value, Tensor gradient) {
    this(name, role, value.shape(), value, gradient, null, null, 1);
  }

  /** The weights in effect, in row-major order of the whole: zero where there is none. */
  public double[] effectiveWeights() {
    double[] values = value.toDoubles();
    if (mask != null) {
      double[] factors = mask.toDoubles();
      for (int i = 0; i < values.length; i++) {
        // Not a product, which would leave a negative zero.
        values[i] = factors[i] == 0 ? 0 : values[i];
      }
      return values;
    }
    return topology == null ? values : Relayout.scattered(topology.indices(), values);
  }
}
