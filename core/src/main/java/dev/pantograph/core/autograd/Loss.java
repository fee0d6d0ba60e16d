package dev.pantograph.core.autograd;

import dev.pantograph.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The end of a computation: a mean loss whose gradient was formed in the forward pass. It is no {@link Variable}, so
 * nothing can be computed from it and lose a factor.
 *
 * @param value mean over all positions, in nats; a scalar
 * @param perPosition the loss of each position, {@code [rows]}
 * @param input what the loss was computed from: the logits, or what the head was applied to
 * @param gradient of the input; the logits' own memory if those are the input. Absent if none was wanted
 */
public record Loss(Tensor value, Tensor perPosition, Variable input, @Nullable Tensor gradient) {}
