package dev.pantograph.lab.sweep;

/** Hears how a sweep goes on. Called from the threads that train. */
public interface SweepProgress {
  /**
   * More trials were planned.
   *
   * @param flops their work
   * @param trials their number
   */
  void planned(double flops, int trials);

  /** A trial begins. */
  void started(Object trial);

  /**
   * A trial ended.
   *
   * @param flops its work
   */
  void finished(TrialOutcome<?> outcome, double flops);

  /** Something other than training goes on, such as reading the corpus. */
  void phase(String what);
}
