package dev.pantograph.lab.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are under their name only when complete: written beside it and renamed. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Writes text to a file, all of it or nothing.
   *
   * @throws RunException if it cannot be written
   */
  public static void write(Path file, String text) {
    Path temporary = file.resolveSibling(file.getFileName() + ".partial");
    try {
      Files.writeString(temporary, text, StandardCharsets.UTF_8);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw new RunException("%s cannot be written: %s".formatted(file, reason(e)), e);
    }
  }

  /** What went wrong in words, where the exception's own message is often just a path. */
  static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}
