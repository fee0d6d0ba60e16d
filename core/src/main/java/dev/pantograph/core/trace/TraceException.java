package dev.pantograph.core.trace;

/** A trace that cannot be written or read, or does not hold what it is asked for. */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TraceException(String message) {
    super(message);
  }

  TraceException(String message, Throwable cause) {
    super(message, cause);
  }
}
