package dev.pantograph.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes safetensors files so that a reader sees the old file or the new one, whole, and never anything between.
 *
 * <p>The bytes go to a temporary file in the same folder, are forced to the disk, and take the file's name in one
 * atomic step. Any failure before that step leaves the old file untouched and no temporary file behind.
 */
public final class SafetensorsWriter {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int HEADER_ALIGNMENT = 8;
  private static final long CHUNK_BYTES = 64L << 20;

  private SafetensorsWriter() {}

  /**
   * Writes a file, replacing one that exists.
   *
   * <p>The data is laid out by element size, largest first, so that every tensor is aligned to its elements; tensors of
   * equal element size keep the given order.
   *
   * @param tensors by name, in order
   * @param metadata free text by key; may be empty
   * @throws SafetensorsException if the file cannot be written; the old file, if any, is unchanged
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__} or gives data of the wrong size; as
   * above
   */
  public static void write(Path file, SequencedMap<String, SafetensorsSource> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("%s: found a tensor named %s, which the format reserves; needed another name"
          .formatted(file, SafetensorsHeader.METADATA));
    }
    List<Map.Entry<String, SafetensorsSource>> layout = tensors.entrySet().stream()
        .sorted(Comparator.comparingInt(tensor -> -tensor.getValue().type().bits()))
        .toList();
    byte[] header = header(file, layout, metadata);
    Path absolute = file.toAbsolutePath();
    Path temporary = absolute.resolveSibling(".%s.%s.tmp".formatted(absolute.getFileName(), UUID.randomUUID()));
    try {
      try {
        writeTemporary(file, temporary, header, layout);
        Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      long needed = header.length + layout.stream().mapToLong(tensor -> tensor.getValue().bytes()).sum();
      throw new SafetensorsException(("%s: found that writing fails (%s), needed %d bytes in an existing,"
          + " writable folder; free space or choose another folder (a file of this name from before is unchanged)")
          .formatted(absolute, e, needed), e);
    }
    forceFolder(absolute);
  }

  private static void writeTemporary(
      Path file, Path temporary, byte[] header, List<Map.Entry<String, SafetensorsSource>> layout) throws IOException {
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(header));
      for (Map.Entry<String, SafetensorsSource> tensor : layout) {
        MemorySegment data = tensor.getValue().data().get();
        if (data.byteSize() != tensor.getValue().bytes()) {
          throw new IllegalArgumentException("%s: tensor '%s': found %d bytes of data, needed %d for %s%s"
              .formatted(file, tensor.getKey(), data.byteSize(), tensor.getValue().bytes(), tensor.getValue().type(),
              tensor.getValue().shape()));
        }
        for (long done = 0; done < data.byteSize(); done += CHUNK_BYTES) {
          writeFully(channel, data.asSlice(done, Math.min(CHUNK_BYTES, data.byteSize() - done)).asByteBuffer());
        }
      }
      channel.force(true);
    }
  }

  /** The length and the JSON, padded with spaces so that the data begins at a multiple of 8 bytes. */
  private static byte[] header(
      Path file, List<Map.Entry<String, SafetensorsSource>> layout, Map<String, String> metadata) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      object.put(SafetensorsHeader.METADATA, metadata);
    }
    long begin = 0;
    for (Map.Entry<String, SafetensorsSource> tensor : layout) {
      SafetensorsSource source = tensor.getValue();
      long end = Math.addExact(begin, source.bytes());
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", source.type().name());
      entry.put("shape", source.shape().toArray());
      entry.put("data_offsets", new long[] {begin, end});
      object.put(tensor.getKey(), entry);
      begin = end;
    }
    byte[] json = JSON.writeValueAsString(object).getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(json.length, HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
    if (padded > SafetensorsHeader.LONGEST) {
      throw SafetensorsException.inFile(file, "a header of %d bytes".formatted(padded),
          "at most %d".formatted(SafetensorsHeader.LONGEST), "write fewer tensors or less metadata");
    }
    byte[] header = Arrays.copyOf(json, padded);
    Arrays.fill(header, json.length, padded, (byte) ' ');
    return ByteBuffer.allocate(Safetensors.LENGTH_BYTES + padded)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded)
        .put(header)
        .array();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes the new name itself durable. The file is whole either way, so a system that cannot do this is no failure. */
  private static void forceFolder(Path absolute) {
    Path folder = absolute.getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      // Windows does not open folders as files.
    }
  }
}
