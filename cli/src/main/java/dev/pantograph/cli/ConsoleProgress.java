package dev.pantograph.cli;

import dev.pantograph.lab.sweep.SweepProgress;
import dev.pantograph.lab.sweep.TrialOutcome;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * How a sweep goes on, for a person. The time left follows from the FLOPs done so far, so it counts a large model for
 * what it is.
 */
final class ConsoleProgress implements SweepProgress {
  private final RenewedLine line;
  private final long start = System.nanoTime();
  private double plannedFlops;
  private double doneFlops;
  private int planned;
  private int done;

  /**
   * @param terminal whether {@code out} is one
   */
  ConsoleProgress(PrintWriter out, boolean terminal) {
    line = new RenewedLine(out, terminal);
  }

  @Override
  public synchronized void planned(double flops, int trials) {
    plannedFlops += flops;
    planned += trials;
  }

  @Override
  public synchronized void started(Object trial) {
    show("training " + trial);
  }

  @Override
  public synchronized void finished(TrialOutcome<?> outcome, double flops) {
    doneFlops += flops;
    done++;
    Double loss = outcome.loss();
    show(outcome.trial() + ": " + (loss == null ? "diverged" : String.format(Locale.ROOT, "loss %.4f", loss)));
  }

  @Override
  public synchronized void phase(String what) {
    show(what);
  }

  /** Ends the renewed line. */
  synchronized void end() {
    line.end();
  }

  /** Trials done in this session. */
  synchronized int done() {
    return done;
  }

  private void show(String what) {
    line.show(planned == 0 ? what : "%3d of %d trials%s  %s".formatted(done, planned, left(), what));
  }

  private String left() {
    if (doneFlops == 0) {
      return "";
    }
    double seconds = (System.nanoTime() - start) * 1e-9 * (plannedFlops - doneFlops) / doneFlops;
    return ", %s left".formatted(RenewedLine.inWords(seconds));
  }
}
