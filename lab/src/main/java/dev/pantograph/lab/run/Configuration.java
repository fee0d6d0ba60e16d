package dev.pantograph.lab.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a user's YAML over defaults: a key that the file sets replaces the default, every other keeps it. Lists are
 * replaced whole. A key that the defaults do not have is refused.
 */
public final class Configuration {
  private static final YAMLMapper YAML = YAMLMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  private Configuration() {}

  /** A key in a user's file that nothing listens to. */
  public static final class UnknownKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final List<String> known;

    UnknownKeyException(String source, String path, String key, Iterable<String> known) {
      this(source, path, key, new TreeSet<>(toList(known)));
    }

    private UnknownKeyException(String source, String path, String key, TreeSet<String> known) {
      super("%s: unknown key '%s%s'; there are %s".formatted(source, path, key, String.join(", ", known)));
      this.key = key;
      this.known = List.copyOf(known);
    }

    private static List<String> toList(Iterable<String> names) {
      List<String> list = new ArrayList<>();
      names.forEach(list::add);
      return list;
    }

    /** The key as the user wrote it. */
    public String key() {
      return key;
    }

    /** The keys that could stand in its place. */
    public List<String> known() {
      return known;
    }
  }

  /**
   * The defaults with a file laid over them.
   *
   * @throws UnknownKeyException if the file has a key the defaults do not
   * @throws RunException if the file cannot be read
   * @throws IllegalArgumentException if a value does not fit
   */
  public static <T> T read(Path file, T defaults, Class<T> type) {
    if (!Files.isRegularFile(file)) {
      throw new RunException("%s: there is no such file".formatted(file));
    }
    JsonNode overlay;
    try {
      overlay = YAML.readTree(file.toFile());
    } catch (JacksonException e) {
      throw new RunException("%s: %s".formatted(file, e.getOriginalMessage()), e);
    }
    ObjectNode merged = YAML.valueToTree(defaults);
    if (overlay instanceof ObjectNode keys) {
      merge(file, "", merged, keys);
    } else if (!overlay.isMissingNode() && !overlay.isNull()) {
      throw new RunException("%s: needs keys and values, found %s".formatted(file, overlay.getNodeType()));
    }
    return fit(file.toString(), merged, type);
  }

  private static <T> T fit(String source, ObjectNode values, Class<T> type) {
    try {
      return YAML.treeToValue(values, type);
    } catch (JacksonException e) {
      // The configuration's own check says it better than the mapper that called it.
      if (e.getCause() instanceof IllegalArgumentException refusal && !(refusal instanceof NumberFormatException)) {
        throw new IllegalArgumentException("%s: %s".formatted(source, refusal.getMessage()), e);
      }
      String key = e.getPath().stream()
          .map(step -> step.getPropertyName() == null ? "[%d]".formatted(step.getIndex()) : "."
              + step.getPropertyName())
          .collect(Collectors.joining()).replaceFirst("^\\.", "");
      throw new IllegalArgumentException("%s: key '%s': %s".formatted(source, key, e.getOriginalMessage()), e);
    }
  }

  /**
   * A configuration with some keys replaced.
   *
   * @param settings dotted path → value as it would stand in YAML
   * @throws UnknownKeyException if the configuration has no such key
   * @throws IllegalArgumentException if a value does not fit
   */
  public static <T> T with(T configuration, Map<String, String> settings, Class<T> type) {
    ObjectNode merged = YAML.valueToTree(configuration);
    try {
      settings.forEach((path, value) -> set(merged, path, YAML.readTree(value)));
    } catch (JacksonException e) {
      throw new RunException("options: " + e.getOriginalMessage(), e);
    }
    return fit("options", merged, type);
  }

  private static void set(ObjectNode root, String path, JsonNode value) {
    ObjectNode node = root;
    String[] keys = path.split("\\.");
    for (int i = 0; i < keys.length; i++) {
      String prefix = String.join(".", Arrays.copyOf(keys, i)) + (i == 0 ? "" : ".");
      if (!node.has(keys[i])) {
        throw new UnknownKeyException("options", prefix, keys[i], node.propertyNames());
      }
      if (i == keys.length - 1) {
        node.set(keys[i], value);
      } else if (node.get(keys[i]) instanceof ObjectNode inner) {
        node = inner;
      } else {
        throw new RunException("options: '%s%s' holds a value, not keys".formatted(prefix, keys[i]));
      }
    }
  }

  private static void merge(Path file, String path, ObjectNode target, ObjectNode overlay) {
    for (Map.Entry<String, JsonNode> entry : overlay.properties()) {
      String key = entry.getKey();
      if (!target.has(key)) {
        throw new UnknownKeyException(file.toString(), path, key, target.propertyNames());
      }
      if (target.get(key) instanceof ObjectNode inner && entry.getValue() instanceof ObjectNode keys) {
        merge(file, path + key + ".", inner, keys);
      } else {
        target.set(key, entry.getValue());
      }
    }
  }
}
