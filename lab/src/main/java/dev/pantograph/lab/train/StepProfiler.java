package dev.pantograph.lab.train;

import dev.pantograph.core.profile.ChromeTrace;
import dev.pantograph.core.profile.KernelProfile;
import dev.pantograph.core.profile.KernelTimeline;
import dev.pantograph.core.profile.ProfilingBackend;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import java.util.function.Function;

/**
 * Records the training steps of a run: their own kernels, without validation and checkpoints. The first steps are left
 * out, in which the virtual machine still compiles.
 */
public final class StepProfiler implements StepWatch {
  private final ProfilingBackend backend;
  private final int warmUp;
  private final int traced;
  private final KernelProfile profile = new KernelProfile();
  private final ChromeTrace trace = new ChromeTrace();
  private int steps;

  /**
   * A profiler of the steps made on {@link #backend}.
   *
   * @param warmUp steps left out at the start
   * @param traced steps after these that the trace shows one by one, kept in memory until it is written
   */
  public StepProfiler(Backend backend, int warmUp, int traced) {
    this.backend = new ProfilingBackend(backend);
    this.warmUp = warmUp;
    this.traced = traced;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public StepReport step(Trainer trainer, Function<Trainer, StepReport> step) {
    if (steps++ < warmUp) {
      return step.apply(trainer);
    }
    long number = trainer.nextStep();
    backend.start();
    StepReport report = step.apply(trainer);
    KernelTimeline timeline = backend.stop();
    profile.add(timeline);
    if (profile.recordings() <= traced) {
      trace.add("step " + number, timeline);
    }
    return report;
  }

  /** Steps left out, all of them if there were no more. */
  public int leftOut() {
    return Math.min(steps, warmUp);
  }

  /** All recorded steps together. */
  public KernelProfile profile() {
    return profile;
  }

  /** The first recorded steps one by one. */
  public ChromeTrace trace() {
    return trace;
  }
}
