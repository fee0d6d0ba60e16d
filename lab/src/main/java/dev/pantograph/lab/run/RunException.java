package dev.pantograph.lab.run;

/** A run's folder cannot be written, read, or does not belong to the run that is to go on in it. */
public final class RunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RunException(String message) {
    super(message);
  }

  public RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
