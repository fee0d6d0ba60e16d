package dev.pantograph.core.validation;

/** A backend's result is wrong: the message says of which kernel, where, and by how much. */
public final class DivergentKernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Divergence divergence;

  DivergentKernelException(String backend, String oracle, Divergence divergence) {
    super("backend '%s' does not agree with '%s': %s".formatted(backend, oracle, divergence));
    this.divergence = divergence;
  }

  /** What was found. */
  public Divergence divergence() {
    return divergence;
  }
}
