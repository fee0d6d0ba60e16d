package dev.pantograph.lab.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Where a run keeps what it was asked for, where it ran and what it found. Whole files appear under their name only
 * when complete; logs grow line by line.
 */
public final class RunFolder {
  /** The resolved configuration. */
  public static final String CONFIGURATION = "run.yaml";
  /** The environment. */
  public static final String ENVIRONMENT = "environment.json";

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(SerializationFeature.INDENT_OUTPUT)
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();
  private static final YAMLMapper YAML = YAMLMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  private final Path path;

  private RunFolder(Path path) {
    this.path = path;
  }

  /**
   * A new run's folder.
   *
   * @throws RunException if it exists and is not empty, or cannot be made
   */
  public static RunFolder create(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          if (files.findAny().isPresent()) {
            throw new RunException("%s is not empty; continue that run with --resume, or name another folder with --out"
                .formatted(path));
          }
        }
      }
      Files.createDirectories(path);
      return new RunFolder(path);
    } catch (IOException e) {
      throw new RunException("run folder %s cannot be made: %s".formatted(path, WholeFile.reason(e)), e);
    }
  }

  /**
   * The folder of a run begun earlier.
   *
   * @throws RunException if it holds no run
   */
  public static RunFolder open(Path path) {
    if (!Files.isRegularFile(path.resolve(CONFIGURATION))) {
      throw new RunException("%s holds no run: there is no %s in it".formatted(path, CONFIGURATION));
    }
    return new RunFolder(path);
  }

  /**
   * Takes a run back that failed before it left anything: if its log has no line, the files a new run begins with are
   * deleted, and the folder with them if nothing else is in it.
   *
   * @param log name of the log that grows once the run is under way
   */
  public void discardUnlessStarted(String log) {
    try {
      if (Files.exists(path.resolve(log)) && Files.size(path.resolve(log)) > 0) {
        return;
      }
      for (String name : List.of(log, CONFIGURATION, ENVIRONMENT)) {
        Files.deleteIfExists(path.resolve(name));
      }
      try (Stream<Path> files = Files.list(path)) {
        if (files.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(path);
    } catch (IOException e) {
      throw new RunException("run folder %s cannot be taken back: %s".formatted(path, WholeFile.reason(e)), e);
    }
  }

  public Path path() {
    return path;
  }

  public Path resolve(String name) {
    return path.resolve(name);
  }

  public boolean has(String name) {
    return Files.isRegularFile(path.resolve(name));
  }

  /** Writes an object as YAML under a name. */
  public void writeYaml(String name, Object value) {
    write(name, YAML, value);
  }

  /** Writes an object as JSON under a name. */
  public void writeJson(String name, Object value) {
    write(name, JSON, value);
  }

  private void write(String name, ObjectMapper mapper, Object value) {
    try {
      writeText(name, mapper.writeValueAsString(value));
    } catch (JacksonException e) {
      throw new RunException("%s cannot be written: %s".formatted(path.resolve(name), e.getOriginalMessage()), e);
    }
  }

  /** Writes text under a name, all of it or nothing. */
  public void writeText(String name, String text) {
    WholeFile.write(path.resolve(name), text);
  }

  /**
   * Reads what {@link #writeYaml} wrote.
   *
   * @throws RunException if it is missing or does not fit the type
   */
  public <T> T readYaml(String name, Class<T> type) {
    try {
      return YAML.readValue(path.resolve(name).toFile(), type);
    } catch (JacksonException e) {
      throw new RunException("%s cannot be read: %s".formatted(path.resolve(name), e.getOriginalMessage()), e);
    }
  }

  /** Reads what {@link #writeJson} wrote. */
  public <T> T readJson(String name, Class<T> type) {
    try {
      return JSON.readValue(path.resolve(name).toFile(), type);
    } catch (JacksonException e) {
      throw new RunException("%s cannot be read: %s".formatted(path.resolve(name), e.getOriginalMessage()), e);
    }
  }

  /** An append-only log of JSON values, one a line. */
  public <T> JsonLines<T> log(String name, Class<T> type) {
    return JsonLines.open(path.resolve(name), type);
  }
}
