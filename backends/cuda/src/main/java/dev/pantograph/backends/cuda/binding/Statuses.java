package dev.pantograph.backends.cuda.binding;

/** What the numbers mean that one library returns. */
public interface Statuses {
  /** The library's own name and text for a status. */
  String text(int status);

  /** Whether no later call can succeed in this process. */
  default boolean fatal(int status) {
    return false;
  }
}
