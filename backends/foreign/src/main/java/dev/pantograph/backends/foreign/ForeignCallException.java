package dev.pantograph.backends.foreign;

/** A call of native code failed. */
public final class ForeignCallException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ForeignCallException(String message) {
    super(message);
  }

  private ForeignCallException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What a method handle threw, of which only unchecked exceptions and errors are possible. */
  public static RuntimeException of(String function, Throwable thrown) {
    return switch (thrown) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      case Throwable e -> new ForeignCallException(function + ": " + e.getMessage(), e);
    };
  }
}
