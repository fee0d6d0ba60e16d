package dev.pantograph.core.profile;

import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.spi.Kernel;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Recordings as a file that Perfetto and Chrome's own viewer open: complete events of the trace event format
 * ("Trace Event Format", Google), each recording a slice that holds the slices of its kernels. Times are microseconds
 * from the begin of the first recording, exact to the nanosecond.
 */
public final class ChromeTrace {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int DIGITS_BELOW_MICROSECOND = 3;

  /**
   * Something that took time.
   *
   * @param explanation in which way it was done; may be empty
   * @param arguments shown beside it, by name
   */
  public record Slice(
      String name, String category, long nanos, String explanation, SortedMap<String, Long> arguments) {
    /** One with nothing beside it. */
    public Slice(String name, String category, long nanos) {
      this(name, category, nanos, "", Collections.emptySortedMap());
    }
  }

  private record Event(long begin, Slice slice) {}

  private final List<Event> events = new ArrayList<>();

  /** Adds a recording under a name, such as {@code step 12}. */
  public void add(String name, KernelTimeline timeline) {
    events.add(new Event(timeline.begin(), new Slice(name, "step", timeline.nanos())));
    for (TimedKernel timed : timeline.kernels()) {
      events.add(new Event(timed.begin(), slice(timed.kernel(), timed.nanos(), timed.explanation())));
    }
  }

  /** Adds slices that follow one another without a gap, from {@code begin} on, and one around them. */
  public void add(String name, long begin, List<Slice> slices) {
    events.add(new Event(begin, new Slice(name, "step", slices.stream().mapToLong(Slice::nanos).sum())));
    long at = begin;
    for (Slice slice : slices) {
      events.add(new Event(at, slice));
      at += slice.nanos();
    }
  }

  /** A kernel with its arithmetic and its memory traffic. */
  public static Slice slice(Kernel kernel, long nanos, String explanation) {
    return new Slice(KernelLabel.of(kernel), kernel.name(), nanos, explanation,
        new TreeMap<>(Map.of("flops", kernel.flops(), "bytes", kernel.bytes())));
  }

  /** The trace as JSON. */
  public String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringProperty("displayTimeUnit", "ms");
      json.writeArrayPropertyStart("traceEvents");
      for (Event event : events) {
        write(json, event, events.getFirst().begin());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Event event, long origin) {
    json.writeStartObject();
    json.writeStringProperty("name", event.slice().name());
    json.writeStringProperty("cat", event.slice().category());
    json.writeStringProperty("ph", "X");
    json.writeNumberProperty("ts", microseconds(event.begin() - origin));
    json.writeNumberProperty("dur", microseconds(event.slice().nanos()));
    json.writeNumberProperty("pid", 1);
    json.writeNumberProperty("tid", 1);
    if (!event.slice().arguments().isEmpty()) {
      json.writeObjectPropertyStart("args");
      event.slice().arguments().forEach(json::writeNumberProperty);
      if (!event.slice().explanation().isEmpty()) {
        json.writeStringProperty("how", event.slice().explanation());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static BigDecimal microseconds(long nanos) {
    return BigDecimal.valueOf(nanos, DIGITS_BELOW_MICROSECOND);
  }
}
