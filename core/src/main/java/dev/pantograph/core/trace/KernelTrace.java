package dev.pantograph.core.trace;

import dev.pantograph.core.kernel.AbsentBuffer;
import dev.pantograph.core.kernel.Elements;
import dev.pantograph.core.kernel.KernelForm;
import dev.pantograph.core.kernel.Region;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.trace.TraceLine.Content;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.core.trace.TraceLine.Header;
import dev.pantograph.core.trace.TraceLine.NamedBuffer;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A trace that was written, kernels in memory and contents mapped. */
public final class KernelTrace implements AutoCloseable {
  private final Path file;
  private final Header header;
  private final List<Buffer> buffers;
  private final List<TracedKernel> kernels;
  private final Arena arena;
  private final MemorySegment contents;

  private KernelTrace(Path file, Header header, List<Buffer> buffers, List<TracedKernel> kernels, Arena arena,
      MemorySegment contents) {
    this.file = file;
    this.header = header;
    this.buffers = buffers;
    this.kernels = kernels;
    this.arena = arena;
    this.contents = contents;
  }

  /**
   * Reads a trace.
   *
   * @throws TraceException if it is none, or was written by another version
   */
  public static KernelTrace open(Path file) {
    List<Buffer> buffers = new ArrayList<>();
    List<TracedKernel> kernels = new ArrayList<>();
    Header header;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      header = header(file, lines.readLine());
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        switch (line(file, text)) {
          case NamedBuffer buffer -> buffers.add(new AbsentBuffer(buffer.name(), buffer.byteSize()));
          case TracedKernel kernel -> kernels.add(kernel);
          case Header _ -> throw new TraceException("%s: a second header (expected: one trace)".formatted(file));
        }
      }
    } catch (IOException e) {
      throw new TraceException("trace %s cannot be read: %s".formatted(file, e), e);
    }
    Arena arena = Arena.ofShared();
    try {
      return new KernelTrace(file, header, buffers, kernels, arena,
          header.detail() == Detail.CONTENTS ? map(TraceJson.contents(file), arena) : MemorySegment.NULL);
    } catch (IOException e) {
      arena.close();
      throw new TraceException("%s, the contents of trace %s, cannot be read: %s".formatted(TraceJson.contents(file),
          file, e), e);
    }
  }

  private static Header header(Path file, @Nullable String text) {
    if (text == null || !(line(file, text) instanceof Header header) || !header.format().equals(Header.FORMAT)) {
      throw new TraceException("%s is no kernel trace (expected: what 'train --record' writes)".formatted(file));
    }
    if (header.version() != Header.VERSION) {
      throw new TraceException("%s has format version %d; this Pantograph reads %d: record it again"
          .formatted(file, header.version(), Header.VERSION));
    }
    return header;
  }

  private static TraceLine line(Path file, String text) {
    try {
      return TraceJson.MAPPER.readValue(text, TraceLine.class);
    } catch (JacksonException e) {
      throw new TraceException("%s holds a line that cannot be read: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  private static MemorySegment map(Path contents, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(contents)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  public Header header() {
    return header;
  }

  /** The kernels in the order of their submission. */
  public List<TracedKernel> kernels() {
    return kernels;
  }

  /**
   * The kernel itself, on buffers of which only name and size are known.
   *
   * @throws TraceException if it cannot be made of what the trace says
   */
  public Kernel kernel(TracedKernel traced) {
    try {
      return KernelForm.fromJson(TraceJson.MAPPER.writeValueAsString(traced.kernel()), buffers::get);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TraceException("%s: step %d, kernel %d: %s".formatted(file, traced.step(), traced.number(),
          e.getMessage()), e);
    }
  }

  /**
   * What a kernel read.
   *
   * @param kernel as {@link #kernel} gave it
   * @throws TraceException if the trace holds no contents
   */
  Snapshot before(TracedKernel traced, Kernel kernel) {
    List<Region> read = Region.of(kernel).stream().filter(Region::read).toList();
    if (read.size() != traced.contents().size()) {
      throw new TraceException("%s holds no operands: record it with contents".formatted(file));
    }
    return new Snapshot(read, traced.contents().stream().map(this::bytes).toList());
  }

  /**
   * What a kernel wrote to a view.
   *
   * @throws TraceException if the trace holds no contents
   */
  Elements elements(Result result, View view) {
    if (result.content() == null) {
      throw new TraceException("%s holds no results: record it with contents".formatted(file));
    }
    return Elements.packed(view.type(), view.shape(), bytes(result.content()));
  }

  private MemorySegment bytes(Content content) {
    try {
      return contents.asSlice(content.at(), content.bytes());
    } catch (IndexOutOfBoundsException e) {
      throw new TraceException("%s ends before byte %d; it was cut, or belongs to another trace"
          .formatted(TraceJson.contents(file), content.at() + content.bytes()), e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
