package dev.pantograph.core.profile;

import dev.pantograph.spi.Kernel;

/**
 * A kernel and how long it took.
 *
 * @param kernel as it was submitted
 * @param explanation which way the backend took, and why: {@link dev.pantograph.spi.Backend#explain}; may be empty
 * @param begin on the clock of {@link System#nanoTime}
 * @param nanos from submission until the backend had finished
 */
public record TimedKernel(Kernel kernel, String explanation, long begin, long nanos) {}
