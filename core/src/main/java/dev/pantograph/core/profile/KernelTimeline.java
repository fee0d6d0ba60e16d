package dev.pantograph.core.profile;

import java.util.List;

/**
 * One recording, such as a training step.
 *
 * @param begin on the clock of {@link System#nanoTime}
 * @param nanos from its begin to its end, kernels and what lies between them
 * @param kernels in the order of submission
 */
public record KernelTimeline(long begin, long nanos, List<TimedKernel> kernels) {
  public KernelTimeline {
    kernels = List.copyOf(kernels);
  }
}
