package dev.pantograph.backends.cuda.binding;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call of one of CUDA's libraries failed. The message names library, function, the arguments that matter, device,
 * number, and what the library says of it.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String function;
  private final int code;
  private final boolean fatal;

  CudaException(String function, int code, boolean fatal, String message) {
    super(message);
    this.function = function;
    this.code = code;
    this.fatal = fatal;
  }

  private CudaException(CudaException first, String message) {
    super(message, first);
    this.function = first.function;
    this.code = first.code;
    this.fatal = first.fatal;
  }

  /** The same failure, with what the caller knows of it. */
  public CudaException with(@Nullable String context) {
    return Optional.ofNullable(context).map(text -> new CudaException(this, text + ": " + getMessage())).orElse(this);
  }

  /** The function that failed, by its C name. */
  public String function() {
    return function;
  }

  /** The status it returned. */
  public int code() {
    return code;
  }

  /** Whether the device answers nothing more to this process: it must be started again. */
  public boolean fatal() {
    return fatal;
  }
}
