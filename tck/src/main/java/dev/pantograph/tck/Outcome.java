package dev.pantograph.tck;

/** What came of checking one rule on one kernel in one element type, or on the backend as a whole. */
public sealed interface Outcome {
  /** The rule holds. */
  record Passed() implements Outcome {}

  /** The rule says nothing about this kernel: one without gradients, layouts or accumulation to check. */
  record NothingToKeep() implements Outcome {}

  /**
   * The rule was not checked.
   *
   * @param reason the backend's declaration, or what the check needs and was not given
   */
  record Skipped(String reason) implements Outcome {}

  /**
   * The rule is broken.
   *
   * @param finding what was found and what was expected, with the seed that shows it
   */
  record Failed(String finding, Throwable cause) implements Outcome {}
}
