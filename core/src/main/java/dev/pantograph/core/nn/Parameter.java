package dev.pantograph.core.nn;

import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A trained tensor.
 *
 * @param name unique in its model, as in checkpoints
 * @param role what it does, which decides how it scales
 * @param value the weights; with a mask, masked ones included
 * @param gradient of the loss, same shape
 * @param mask 0/1, same shape: the weight in effect is value·mask; absent means dense
 */
public record Parameter(String name, Role role, Tensor value, Tensor gradient, @Nullable Tensor mask) {}
