package dev.pantograph.jmh;

/** A benchmark that failed: the message says which, and what it said. */
final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
