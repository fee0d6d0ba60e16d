package dev.pantograph.jmh.gate;

import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.WholeFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one run measured: what {@code --json} writes and {@code --baseline} reads.
 *
 * @param format of the file
 * @param environment where it ran
 * @param threads that computed
 * @param quick whether measurements were short
 * @param cases measured
 */
public record BenchmarkFile(int format, Environment environment, int threads, boolean quick,
    List<CaseSamples> cases) {
  /** The format this program writes and reads. */
  public static final int FORMAT = 1;

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(SerializationFeature.INDENT_OUTPUT)
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
      .build();

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if there is no such file, or it holds anything else
   */
  public static BenchmarkFile read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("baseline %s: there is no such file; bench --json makes one".formatted(file));
    }
    try {
      JsonNode root = JSON.readTree(file.toFile());
      int format = root.path("format").asInt(0);
      if (format != FORMAT) {
        throw new IllegalArgumentException("baseline %s has format %s, needed %d; measure it anew with bench --json"
            .formatted(file, format == 0 ? "unknown" : format, FORMAT));
      }
      return JSON.treeToValue(root, BenchmarkFile.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("baseline %s cannot be read: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Writes the file, all of it or nothing.
   *
   * @throws dev.pantograph.lab.run.RunException if it cannot be written
   */
  public void write(Path file) {
    WholeFile.write(file.toAbsolutePath(), JSON.writeValueAsString(this) + "\n");
  }
}
