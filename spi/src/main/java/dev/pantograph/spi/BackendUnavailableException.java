package dev.pantograph.spi;

/** A backend that was asked for cannot be had. The message gives the reason and the remedy. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackendUnavailableException(String message) {
    super(message);
  }

  public BackendUnavailableException(String id, Availability.Unavailable why) {
    super("backend '%s' is not available: %s. %s".formatted(id, why.reason(), why.remedy()));
  }
}
