package dev.pantograph.core.checkpoint;

import static dev.pantograph.core.checkpoint.SafetensorsException.quote;

import dev.pantograph.core.checkpoint.SafetensorsHeader.Entry;
import dev.pantograph.spi.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON of a header token by token, so that a hostile header is refused at its first fault and never becomes a
 * tree many times its own size.
 */
final class SafetensorsHeaderParser {
  private static final String REWRITE = "the file is damaged or its writer is at fault: write it again";
  private static final String ENTRY = "{\"dtype\": string, \"shape\": [integers], \"data_offsets\": [begin, end]}";

  /** A valid header nests three deep; one level more lets the refusal name the tensor. */
  private static final int DEEPEST_NESTING = 4;

  private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST_NESTING).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build())
      .build();

  private final Path file;
  private final JsonParser parser;
  private final Map<String, Entry> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsHeaderParser(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Parses a header.
   *
   * @param utf8 the header's bytes, padding included
   * @throws SafetensorsException if it is not UTF-8, not JSON, or not a header
   */
  static SafetensorsHeader parse(Path file, ByteBuffer utf8) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          "%s: found a header that is not UTF-8, needed a JSON object in UTF-8; %s".formatted(file, REWRITE), e);
    }
    if (!text.startsWith("{")) {
      throw SafetensorsException.inFile(file,
          "a header that begins with %s".formatted(quote(text.substring(0, Math.min(8, text.length())))),
          "a JSON object that begins with '{'", "check that this is a safetensors file");
    }
    try (JsonParser parser = JSON.createParser(text)) {
      return new SafetensorsHeaderParser(file, parser).header();
    } catch (JacksonException e) {
      throw new SafetensorsException("%s: found a header that is not valid JSON (%s), needed one JSON object; %s"
          .formatted(file, quote(e.getOriginalMessage()), REWRITE), e);
    }
  }

  private SafetensorsHeader header() {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(SafetensorsHeader.METADATA)) {
        metadata();
      } else {
        tensors.put(name, entry(name));
      }
    }
    if (parser.nextToken() != null) {
      throw SafetensorsException.inFile(file, "text after the header's JSON object",
          "nothing but spaces there", REWRITE);
    }
    return new SafetensorsHeader(Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
  }

  private void metadata() {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw SafetensorsException.inFile(file,
          "%s that is %s".formatted(SafetensorsHeader.METADATA, parser.currentToken()),
          "an object of strings", REWRITE);
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw SafetensorsException.inFile(file,
            "%s %s that is %s".formatted(SafetensorsHeader.METADATA, quote(key), parser.currentToken()),
            "a string", REWRITE);
      }
      metadata.put(key, parser.getString());
    }
  }

  private Entry entry(String tensor) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw malformed(tensor, "an entry that is " + parser.currentToken());
    }
    @Nullable SafetensorsType type = null;
    long @Nullable [] shape = null;
    long @Nullable [] offsets = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> type = type(tensor);
        case "shape" -> shape = naturals(tensor, field);
        case "data_offsets" -> offsets = naturals(tensor, field);
        default -> throw malformed(tensor, "an unknown field " + quote(field));
      }
    }
    if (type == null || shape == null || offsets == null) {
      String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw malformed(tensor, "no " + missing);
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw SafetensorsException.inTensor(file, tensor, "data_offsets " + list(offsets),
          "[begin, end] with begin at most end", REWRITE);
    }
    long found = offsets[1] - offsets[0];
    long needed = bytes(tensor, type, shape);
    if (found != needed) {
      throw SafetensorsException.inTensor(file, tensor, "data_offsets %s of %d bytes".formatted(list(offsets), found),
          "%d bytes for %s%s".formatted(needed, type, list(shape)), REWRITE);
    }
    return new Entry(type, Shape.of(shape), offsets[0], offsets[1]);
  }

  private SafetensorsType type(String tensor) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw malformed(tensor, "dtype that is " + parser.currentToken());
    }
    String name = parser.getString();
    return SafetensorsType.named(name).orElseThrow(() -> SafetensorsException.inTensor(file, tensor,
        "dtype " + quote(name), "one of " + List.of(SafetensorsType.values()),
        "convert the file to one of these types"));
  }

  private long[] naturals(String tensor, String field) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw malformed(tensor, "%s that is %s".formatted(field, parser.currentToken()));
    }
    LongStream.Builder values = LongStream.builder();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(natural(tensor, field));
    }
    return values.build().toArray();
  }

  private long natural(String tensor, String field) {
    boolean fits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        && parser.getLongValue() >= 0;
    if (!fits) {
      throw SafetensorsException.inTensor(file, tensor,
          "%s with %s".formatted(field, quote(String.valueOf(parser.getString()))),
          "integers from 0 to 2^63-1", REWRITE);
    }
    return parser.getLongValue();
  }

  private long bytes(String tensor, SafetensorsType type, long[] shape) {
    try {
      return type.bytes(Shape.of(shape));
    } catch (ArithmeticException e) {
      throw SafetensorsException.inTensor(file, tensor, "%s of shape %s".formatted(type, list(shape)),
          "a size that is a whole number of bytes and below 2^60", REWRITE);
    }
  }

  private SafetensorsException malformed(String tensor, String found) {
    return SafetensorsException.inTensor(file, tensor, found, "an entry " + ENTRY, REWRITE);
  }

  /** A list as text; a hostile one may hold millions of numbers. */
  private static String list(long[] values) {
    String shown = LongStream.of(values).limit(8).mapToObj(Long::toString).collect(Collectors.joining(", "));
    return values.length <= 8 ? "[" + shown + "]" : "[" + shown + ", … %d in all]".formatted(values.length);
  }
}
