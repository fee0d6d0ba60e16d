package dev.pantograph.backends.foreign;

import java.util.Locale;

/** What a library must have been built for to be loaded here. */
public enum Platform {
  LINUX, MACOS, WINDOWS, OTHER;

  /** The operating system of this process. */
  public static Platform current() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return system.startsWith("linux") ? LINUX
        : system.startsWith("mac") ? MACOS : system.startsWith("windows") ? WINDOWS : OTHER;
  }

  /** The name that jars with native code give system and processor, such as {@code linux-x86_64}. */
  public static String classifier() {
    String system = switch (current()) {
      case MACOS -> "macosx";
      case LINUX, WINDOWS, OTHER -> current().name().toLowerCase(Locale.ROOT);
    };
    return system + "-" + switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm64";
      case String other -> other;
    };
  }
}
