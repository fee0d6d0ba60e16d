package dev.pantograph.core.train;

import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Kernel;
import java.util.List;

/**
 * The forward and backward pass of one micro-batch as the kernels it came down to. Submitted again, they are the same
 * pass on whatever the input tensors hold by then: what changes from step to step (tokens, weights) is in memory, and
 * what does not is in the kernels. No tensor, view or tape entry is made.
 *
 * @param kernels in the order of submission
 * @param loss where they leave the loss
 */
record CapturedPass(List<Kernel> kernels, Tensor loss) {
  /** Runs the pass again. The blocks it was captured on must be free. */
  void replay(Backend backend) {
    for (Kernel kernel : kernels) {
      backend.submit(kernel);
    }
  }
}
