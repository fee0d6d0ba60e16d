package dev.pantograph.jmh;

import dev.pantograph.core.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What training steps take that run into one another: from the report of one to that of the next. */
final class StepTimer implements Consumer<StepReport> {
  private final List<Double> seconds = new ArrayList<>();
  private double loss = Double.NaN;
  private long since = System.nanoTime();

  @Override
  public void accept(StepReport report) {
    long now = System.nanoTime();
    seconds.add((now - since) * 1e-9);
    since = now;
    loss = report.loss();
  }

  /** Of each step, from the timer's creation on. */
  List<Double> seconds() {
    return List.copyOf(seconds);
  }

  /** Of the last step, in nats. */
  double loss() {
    return loss;
  }
}
