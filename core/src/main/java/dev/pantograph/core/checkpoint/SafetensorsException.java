package dev.pantograph.core.checkpoint;

import java.nio.file.Path;

/**
 * A safetensors file that cannot be read or written. The message gives file, tensor, what was found and what is needed.
 */
public final class SafetensorsException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_QUOTE = 120;

  public SafetensorsException(String message) {
    super(message);
  }

  public SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A fault of the file as a whole. */
  static SafetensorsException inFile(Path file, String found, String needed, String remedy) {
    return new SafetensorsException("%s: found %s, needed %s; %s".formatted(file, found, needed, remedy));
  }

  /** A fault of one tensor. */
  static SafetensorsException inTensor(Path file, String tensor, String found, String needed, String remedy) {
    return new SafetensorsException(
        "%s: tensor %s: found %s, needed %s; %s".formatted(file, quote(tensor), found, needed, remedy));
  }

  /** Quotes text from a file so that it can neither flood nor steer the terminal it is shown on. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("'");
    text.codePoints().limit(LONGEST_QUOTE).forEach(c -> {
      switch (Character.getType(c)) {
        case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR -> quoted.append("\\u{%x}".formatted(c));
        default -> quoted.appendCodePoint(c);
      }
    });
    if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
      quoted.append('…');
    }
    return quoted.append('\'').toString();
  }
}
