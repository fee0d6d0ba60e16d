package dev.pantograph.lab.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * An append-only file of JSON values, one a line. A line counts when its newline is written: what an interrupted
 * process left of its last line is cut off when the file is opened again. Safe for use by several threads.
 */
public final class JsonLines<T> implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final FileChannel channel;
  private final List<Long> ends;
  private List<T> existing;

  private JsonLines(Path file, FileChannel channel, List<T> existing, List<Long> ends) {
    this.file = file;
    this.channel = channel;
    this.existing = List.copyOf(existing);
    this.ends = ends;
  }

  static <T> JsonLines<T> open(Path file, Class<T> type) {
    try {
      List<T> existing = new ArrayList<>();
      List<Long> ends = new ArrayList<>();
      if (Files.exists(file)) {
        byte[] bytes = Files.readAllBytes(file);
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
          if (bytes[i] == '\n') {
            existing.add(JSON.readValue(new String(bytes, start, i - start, StandardCharsets.UTF_8), type));
            start = i + 1;
            ends.add((long) start);
          }
        }
      }
      long complete = ends.isEmpty() ? 0 : ends.getLast();
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(complete);
      channel.position(complete);
      return new JsonLines<>(file, channel, existing, ends);
    } catch (IOException e) {
      throw new RunException("%s cannot be opened: %s".formatted(file, WholeFile.reason(e)), e);
    } catch (JacksonException e) {
      throw new RunException("%s holds a line that cannot be read: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** The values that were in the file when it was opened. */
  public List<T> existing() {
    return existing;
  }

  /** Cuts the file back to its first lines, when a run goes on from an earlier point than it had reached. */
  public synchronized void keep(int lines) {
    if (lines < existing.size()) {
      long end = lines == 0 ? 0 : ends.get(lines - 1);
      try {
        channel.truncate(end);
        channel.position(end);
      } catch (IOException e) {
        throw new RunException("%s cannot be cut: %s".formatted(file, WholeFile.reason(e)), e);
      }
      existing = existing.subList(0, lines);
    }
  }

  /**
   * Appends one value.
   *
   * @throws RunException if it cannot be written, as when the disk is full; the lines before it are intact
   */
  public synchronized void append(T value) {
    try {
      long start = channel.position();
      ByteBuffer line = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(value) + "\n");
      try {
        while (line.hasRemaining()) {
          channel.write(line);
        }
      } catch (IOException e) {
        channel.truncate(start);
        throw e;
      }
    } catch (IOException e) {
      throw new RunException("%s cannot be written: %s. What it held before is intact"
          .formatted(file, WholeFile.reason(e)), e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new RunException("%s cannot be closed: %s".formatted(file, WholeFile.reason(e)), e);
    }
  }
}
