package dev.pantograph.core.backend;

/** Carries a refusal from where it is noticed to where refusals are collected. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  RefusedException(String reason, String remedy) {
    super(reason);
    this.remedy = remedy;
  }

  RefusedException(String reason, String remedy, Throwable cause) {
    this(reason, remedy);
    initCause(cause);
  }

  Refusal of(String what) {
    return new Refusal(what, String.valueOf(getMessage()), remedy);
  }
}
