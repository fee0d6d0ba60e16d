package dev.pantograph.core.train;

/**
 * The loss or a gradient is no longer a finite number. The update of that step was not made: the parameters are those
 * after the step before.
 */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final String tensor;

  DivergenceException(long step, String quantity, double value, String tensor) {
    super(("step %d: %s is %s; the first non-finite tensor is '%s'. The update was not made, so the parameters are "
        + "those of the step before. A lower learning rate, more warm-up or a smaller initial std usually helps")
        .formatted(step, quantity, value, tensor));
    this.step = step;
    this.tensor = tensor;
  }

  /** Number of the step that failed. */
  public long step() {
    return step;
  }

  /** Name of the first tensor, in the order of computation, that holds a NaN or an infinity. */
  public String tensor() {
    return tensor;
  }
}
