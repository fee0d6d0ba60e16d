package dev.pantograph.core.data;

import java.io.File;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * A pattern for files, such as {@code docs/**}{@code /*.md}: the folder it starts from, and what the paths below must
 * look like.
 *
 * <p>{@code **}{@code /} stands for any number of folders, none included, as in a shell; Java's own globs demand at
 * least one.
 */
record GlobPattern(Path folder, String text, List<PathMatcher> matchers) {
  private static final String ANY_FOLDERS = "**/";

  /** Whether the text holds any of a pattern's special characters. */
  static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
  }

  /**
   * Parses a pattern.
   *
   * @throws DataException if brackets or braces do not match
   */
  static GlobPattern parse(String specification) {
    String pattern = specification.replace(File.separatorChar, '/');
    // The parts before the first special character name the folder; they cannot be given to Path.of with the pattern
    // attached, since some file systems refuse '*' in a path.
    int special = 0;
    while (!isPattern(pattern.substring(special, special + 1))) {
      special++;
    }
    int cut = pattern.lastIndexOf('/', special) + 1;
    Path folder = Path.of(pattern.substring(0, cut));
    try {
      String text = pattern.substring(cut);
      List<PathMatcher> matchers = variants(text)
          .map(variant -> folder.getFileSystem().getPathMatcher("glob:" + variant))
          .toList();
      return new GlobPattern(folder, text, matchers);
    } catch (PatternSyntaxException e) {
      throw new DataException("--data %s: found a pattern that cannot be read (%s), needed balanced [...] and {...};"
          .formatted(specification, e.getDescription()) + " correct the pattern", e);
    }
  }

  /** How many levels below the folder a file that fits can be. */
  int depth() {
    return text.contains("**") ? Integer.MAX_VALUE : 1 + (int) text.chars().filter(c -> c == '/').count();
  }

  /** Whether a path relative to the folder fits. */
  boolean matches(Path relative) {
    return matchers.stream().anyMatch(matcher -> matcher.matches(relative));
  }

  private static Stream<String> variants(String pattern) {
    int at = pattern.indexOf(ANY_FOLDERS);
    if (at < 0) {
      return Stream.of(pattern);
    }
    String head = pattern.substring(0, at);
    return variants(pattern.substring(at + ANY_FOLDERS.length()))
        .flatMap(tail -> Stream.of(head + tail, head + ANY_FOLDERS + tail));
  }
}
