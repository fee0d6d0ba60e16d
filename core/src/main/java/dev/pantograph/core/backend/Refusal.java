package dev.pantograph.core.backend;

/**
 * Why something that should have been a backend is none.
 *
 * @param what the file, folder or class
 * @param reason what was found
 * @param remedy what the user can do about it
 */
public record Refusal(String what, String reason, String remedy) {
  @Override
  public String toString() {
    return "%s: %s. %s".formatted(what, reason, remedy);
  }
}
