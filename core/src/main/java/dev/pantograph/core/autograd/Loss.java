package dev.pantograph.core.autograd;

import dev.pantograph.core.tensor.Tensor;

/**
 * The end of a computation: a mean loss whose gradient with respect to the logits was formed in the forward pass. It is
 * no {@link Variable}, so nothing can be computed from it and lose a factor.
 *
 * @param value mean over all positions, in nats; a scalar
 * @param perPosition the loss of each position, {@code [rows]}
 * @param logits what the loss was computed from; holds its own gradient already when one was wanted
 */
public record Loss(Tensor value, Tensor perPosition, Variable logits) {}
