package dev.pantograph.lab.transfer;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the trials that ended. */
final class SilentProgress implements SweepProgress {
  final AtomicInteger finished = new AtomicInteger();

  @Override
  public void planned(double flops, int trials) {}

  @Override
  public void started(Trial trial) {}

  @Override
  public void finished(Trial.Outcome outcome, double flops) {
    finished.incrementAndGet();
  }

  @Override
  public void phase(String what) {}
}
