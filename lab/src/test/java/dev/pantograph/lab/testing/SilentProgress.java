package dev.pantograph.lab.testing;

import dev.pantograph.lab.sweep.SweepProgress;
import dev.pantograph.lab.sweep.TrialOutcome;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the trials that ended. */
public final class SilentProgress implements SweepProgress {
  public final AtomicInteger finished = new AtomicInteger();

  @Override
  public void planned(double flops, int trials) {}

  @Override
  public void started(Object trial) {}

  @Override
  public void finished(TrialOutcome<?> outcome, double flops) {
    finished.incrementAndGet();
  }

  @Override
  public void phase(String what) {}
}
