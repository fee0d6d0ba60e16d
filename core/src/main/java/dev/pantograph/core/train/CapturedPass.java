package dev.pantograph.core.train;

import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Replay;

/**
 * The forward and backward pass of one micro-batch as the kernels it came down to. Run again, they are the same pass on
 * whatever the input tensors hold by then: what changes from step to step (tokens, weights) is in memory, and what does
 * not is in the kernels. No tensor, view or tape entry is made.
 *
 * @param kernels run on the blocks they were captured on, which must be free
 * @param loss where they leave the loss
 */
record CapturedPass(Replay kernels, Tensor loss) {}
