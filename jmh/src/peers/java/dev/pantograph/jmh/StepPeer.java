package dev.pantograph.jmh;

import java.util.List;

/** An implementation of the GPT training step, started and ready, that can be asked for more steps at any time. */
interface StepPeer extends AutoCloseable {

  /** Column of the table. */
  String name();

  /** Version, and where its work differs from ours. */
  String details();

  /** Makes some more training steps. */
  Steps run(int count);

  @Override
  void close();

  /**
   * What some steps took.
   *
   * @param seconds of each step
   * @param loss of the last one, in nats, before its update
   */
  record Steps(List<Double> seconds, double loss) {

    /** Median time of a step, in seconds. */
    double median() {
      return Spread.of(seconds).median();
    }
  }
}
