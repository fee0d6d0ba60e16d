package dev.pantograph.dataflow;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The description of a {@link Wafer} as YAML: one that comes with the program, or a user's file. */
public final class WaferDescription {
  /** What is described in the program. */
  public static final List<String> PRESETS = List.of("wse-2", "wse-3");

  private static final YAMLMapper YAML = YAMLMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
      .build();

  private WaferDescription() {}

  /**
   * The wafer a user names.
   *
   * @param device one of {@link #PRESETS}, or a file
   * @throws IllegalArgumentException if it is neither, or what it says is no wafer
   */
  public static Wafer read(String device) {
    String text = text(device);
    try {
      return YAML.readValue(text, Wafer.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("%s: %s%s; compare it with 'pantograph wafer --print-device'"
          .formatted(device, place(e), reason(e)), e);
    }
  }

  private static String place(JacksonException e) {
    String keys = e.getPath().stream().map(JacksonException.Reference::getPropertyName)
        .collect(Collectors.joining("."));
    return keys.isEmpty() ? "" : keys + ": ";
  }

  private static String reason(JacksonException e) {
    if (e.getCause() instanceof IllegalArgumentException refusal) {
      return String.valueOf(refusal.getMessage());
    }
    return switch (e) {
      case UnrecognizedPropertyException _ -> "there is no such key";
      case MismatchedInputException _ -> "missing, or of another kind than expected";
      default -> e.getOriginalMessage();
    };
  }

  /**
   * The description as it is written.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static String text(String device) {
    String preset = device.toLowerCase(Locale.ROOT);
    try {
      if (PRESETS.contains(preset)) {
        try (InputStream in = WaferDescription.class.getResourceAsStream(preset + ".yaml")) {
          if (in == null) {
            throw new IllegalStateException("the description of " + preset + " is missing from the program");
          }
          return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
      if (!Files.isRegularFile(Path.of(device))) {
        throw new IllegalArgumentException("no wafer '%s' (expected: %s, or a YAML file that describes one)"
            .formatted(device, String.join(", ", PRESETS)));
      }
      return Files.readString(Path.of(device));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
