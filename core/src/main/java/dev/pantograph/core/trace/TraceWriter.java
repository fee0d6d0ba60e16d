package dev.pantograph.core.trace;

import dev.pantograph.core.kernel.Elements;
import dev.pantograph.core.kernel.KernelForm;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.trace.TraceLine.Content;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.core.trace.TraceLine.Header;
import dev.pantograph.core.trace.TraceLine.NamedBuffer;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Writes kernels to a file of JSON lines ({@link TraceLine}), and their operands to a second one beside it. A line
 * counts when its newline is written: of a process that failed, the trace shows all kernels up to then.
 */
public final class TraceWriter implements AutoCloseable {
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  private final Path file;
  private final Detail detail;
  private final BufferedWriter lines;
  private final @Nullable ContentStore store;
  private final Map<Buffer, Integer> buffers = new IdentityHashMap<>();

  /**
   * Begins a trace; a file of that name is replaced.
   *
   * @throws TraceException if it cannot be written
   */
  public TraceWriter(Path file, String backend, Detail detail) {
    this.file = file;
    this.detail = detail;
    try {
      Path contents = TraceJson.contents(file);
      Files.deleteIfExists(contents);
      lines = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
      store = detail == Detail.CONTENTS ? new ContentStore(contents) : null;
      write(new Header(Header.FORMAT, Header.VERSION, backend, detail));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  Detail detail() {
    return detail;
  }

  /**
   * Adds a kernel.
   *
   * @param before what the regions held that it read; empty unless contents are kept
   * @param after what the regions hold that it wrote; empty if only the structure is kept
   */
  void add(long step, long number, Kernel kernel, Snapshot before, Snapshot after) {
    try {
      for (Operand operand : kernel.operands()) {
        announce(operand.view().buffer());
      }
      Map<String, Object> fields = TraceJson.MAPPER.readValue(KernelForm.toJson(kernel, buffers::get), FIELDS);
      List<Content> contents = new ArrayList<>();
      if (store != null) {
        for (int i = 0; i < before.regions().size(); i++) {
          contents.add(store.keep(before.content(i), ContentStore.digest(before.content(i))));
        }
      }
      List<Result> results = new ArrayList<>();
      if (detail != Detail.STRUCTURE) {
        for (Operand operand : kernel.operands()) {
          if (operand.access() != Access.READ) {
            results.add(result(operand.name(), after.elements(operand.view())));
          }
        }
      }
      write(new TracedKernel(step, number, fields, contents, results));
      lines.flush();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void announce(Buffer buffer) throws IOException {
    if (!buffers.containsKey(buffer)) {
      write(new NamedBuffer(buffers.size(), buffer.name(), buffer.byteSize()));
      buffers.put(buffer, buffers.size());
    }
  }

  private Result result(String operand, Elements elements) throws IOException {
    long notFinite = 0;
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double squares = 0;
    for (long i = 0; i < elements.count(); i++) {
      double value = elements.get(i);
      if (Double.isFinite(value)) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
        sum += value;
        squares += value * value;
      } else {
        notFinite++;
      }
    }
    long finite = elements.count() - notFinite;
    MemorySegment packed = elements.packed();
    String digest = ContentStore.digest(packed);
    Content content = store == null ? null : store.keep(packed, digest);
    return finite == 0 ? new Result(operand, elements.count(), notFinite, 0, 0, 0, 0, digest, content)
        : new Result(operand, elements.count(), notFinite, least, greatest, sum / finite, Math.sqrt(squares / finite),
            digest, content);
  }

  private void write(TraceLine line) throws IOException {
    lines.write(TraceJson.MAPPER.writerFor(TraceLine.class).writeValueAsString(line));
    lines.write('\n');
  }

  private TraceException failure(IOException e) {
    return new TraceException("trace %s cannot be written: %s".formatted(file, e), e);
  }

  @Override
  public void close() {
    try (lines) {
      if (store != null) {
        store.close();
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
