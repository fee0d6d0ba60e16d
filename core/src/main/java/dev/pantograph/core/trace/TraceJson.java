package dev.pantograph.core.trace;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What writer and reader of a trace have in common. */
final class TraceJson {
  static final JsonMapper MAPPER = JsonMapper.builder()
      .addMixIn(TraceLine.class, OfLine.class)
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .build();

  private TraceJson() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "line")
  private interface OfLine {}

  /** The file of contents, beside the trace. */
  static Path contents(Path file) {
    return file.resolveSibling(file.getFileName() + ".contents");
  }
}
