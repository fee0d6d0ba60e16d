package dev.pantograph.lab.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A few kilobytes to train on. */
public final class TestText {
  private static final String SENTENCE =
      "the quick brown fox jumps over the lazy dog; pack my box with five dozen jugs.\n";

  private TestText() {}

  /** Writes a text file of some 12 kB in a folder. */
  public static Path in(Path folder) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), SENTENCE.repeat(150));
  }
}
