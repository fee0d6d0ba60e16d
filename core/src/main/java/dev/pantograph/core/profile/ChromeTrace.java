package dev.pantograph.core.profile;

import dev.pantograph.core.kernel.KernelLabel;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

  private record Event(String name, String category, long begin, long nanos, @Nullable TimedKernel kernel) {}

  private final List<Event> events = new ArrayList<>();

  /** Adds a recording under a name, such as {@code step 12}. */
  public void add(String name, KernelTimeline timeline) {
    events.add(new Event(name, "step", timeline.begin(), timeline.nanos(), null));
    for (TimedKernel timed : timeline.kernels()) {
      events.add(new Event(KernelLabel.of(timed.kernel()), timed.kernel().name(), timed.begin(), timed.nanos(), timed));
    }
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
    json.writeStringProperty("name", event.name());
    json.writeStringProperty("cat", event.category());
    json.writeStringProperty("ph", "X");
    json.writeNumberProperty("ts", microseconds(event.begin() - origin));
    json.writeNumberProperty("dur", microseconds(event.nanos()));
    json.writeNumberProperty("pid", 1);
    json.writeNumberProperty("tid", 1);
    TimedKernel timed = event.kernel();
    if (timed != null) {
      json.writeObjectPropertyStart("args");
      json.writeNumberProperty("flops", timed.kernel().flops());
      json.writeNumberProperty("bytes", timed.kernel().bytes());
      if (!timed.explanation().isEmpty()) {
        json.writeStringProperty("how", timed.explanation());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static BigDecimal microseconds(long nanos) {
    return BigDecimal.valueOf(nanos, DIGITS_BELOW_MICROSECOND);
  }
}
