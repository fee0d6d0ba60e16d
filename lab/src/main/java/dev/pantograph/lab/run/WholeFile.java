package dev.pantograph.lab.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Text files that appear under their name only when complete: written to a temporary name and renamed. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Writes text in UTF-8, all of it or nothing, over what was there.
   *
   * @throws RunException if it cannot be written; what was there before is unchanged
   */
  public static void write(Path target, String text) {
    Path temporary = target.resolveSibling(target.getFileName() + ".partial");
    try {
      Files.writeString(temporary, text, StandardCharsets.UTF_8);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw new RunException("%s cannot be written: %s".formatted(target, RunFolder.reason(e)), e);
    }
  }
}
