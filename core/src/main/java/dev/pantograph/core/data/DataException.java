package dev.pantograph.core.data;

/** Training data that is not found, not readable, or too small. The message says what was looked for and what to do. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
