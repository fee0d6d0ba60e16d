package dev.pantograph.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command chooses its text. A mixin. */
final class CorpusOptions {
  private static final long MEBIBYTE = 1 << 20;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Text to train on: a file, folder, zip, jar or glob. Default: the JDK's own sources.")
  private @Nullable String path;

  @Option(names = "--data-limit", paramLabel = "MIB",
      description = "Text to read at most, chosen evenly over the corpus.")
  private @Nullable Integer limit;

  /** What the user named, or what the configuration has. */
  String corpus(String configured) {
    return path == null ? configured : path;
  }

  /** The limit in bytes that the user gave, or what the configuration has. */
  long limitBytes(long configured) {
    if (limit == null) {
      return configured;
    }
    if (limit < 1) {
      throw new IllegalArgumentException("--data-limit is %d (expected: at least 1 MiB)".formatted(limit));
    }
    return limit * MEBIBYTE;
  }
}
