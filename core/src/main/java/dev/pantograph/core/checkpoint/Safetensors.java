package dev.pantograph.core.checkpoint;

import dev.pantograph.spi.Bfloat16;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, mapped into memory and read without copying.
 *
 * <p>The file is {@code u64 N | N bytes of JSON | data}, all little-endian. It is trusted in nothing: every declaration
 * is checked against the file's size before it is used. Whoever cuts the file short while it is open makes later reads
 * fail.
 *
 * <p>The tensors' memory is valid until {@link #close}. Safe for use by several threads.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format's home</a>
 */
public final class Safetensors implements AutoCloseable {
  /** Bytes before the JSON: its length. */
  static final int LENGTH_BYTES = Long.BYTES;

  // Unaligned, because a foreign writer may have placed a tensor at any byte.
  private static final ValueLayout.OfShort SHORT_LE =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT_LE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE_LE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT_NATIVE = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Path file;
  private final Arena arena;
  private final Map<String, SafetensorsTensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(
      Path file, Arena arena, Map<String, SafetensorsTensor> tensors, Map<String, String> metadata) {
    this.file = file;
    this.arena = arena;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * Opens a file and checks all of its header.
   *
   * @throws SafetensorsException if the file cannot be read or breaks the format
   */
  public static Safetensors open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      long headerBytes = headerBytes(file, channel, fileBytes);
      SafetensorsHeader header =
          SafetensorsHeaderParser.parse(file, read(channel, LENGTH_BYTES, Math.toIntExact(headerBytes)));
      long dataStart = LENGTH_BYTES + headerBytes;
      header.requireCoverage(file, fileBytes - dataStart);
      Arena arena = Arena.ofShared();
      try {
        MemorySegment data = channel.map(MapMode.READ_ONLY, 0, fileBytes, arena).asSlice(dataStart);
        return new Safetensors(file, arena, slices(header, data), header.metadata());
      } catch (IOException | RuntimeException | Error e) {
        arena.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new SafetensorsException(
          "%s: found no such file, needed a safetensors file; check the path".formatted(file.toAbsolutePath()), e);
    } catch (IOException e) {
      throw new SafetensorsException(
          "%s: found that reading fails (%s), needed a readable safetensors file; check path and permissions"
              .formatted(file, e.getMessage()), e);
    }
  }

  private static long headerBytes(Path file, FileChannel channel, long fileBytes) throws IOException {
    if (fileBytes < LENGTH_BYTES) {
      throw SafetensorsException.inFile(file, "a file of %d bytes".formatted(fileBytes),
          "at least the %d bytes of the header's length".formatted(LENGTH_BYTES),
          "the file is cut short or no safetensors file: fetch or write it again");
    }
    long length = read(channel, 0, LENGTH_BYTES).getLong();
    // Compared as unsigned: a length with the top bit set is huge, not negative.
    if (Long.compareUnsigned(length, SafetensorsHeader.LONGEST) > 0) {
      throw SafetensorsException.inFile(file, "a header length of %s bytes".formatted(Long.toUnsignedString(length)),
          "at most %d".formatted(SafetensorsHeader.LONGEST), "check that this is a safetensors file");
    }
    if (length > fileBytes - LENGTH_BYTES) {
      throw SafetensorsException.inFile(file,
          "a header length of %d bytes in a file of %d bytes".formatted(length, fileBytes),
          "a header that ends within the file", "the file is cut short: fetch or write it again");
    }
    return length;
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file was cut short while it was read");
      }
    }
    return buffer.flip();
  }

  private static Map<String, SafetensorsTensor> slices(SafetensorsHeader header, MemorySegment data) {
    Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
    header.tensors().forEach((name, entry) -> tensors.put(name, new SafetensorsTensor(
        entry.type(), entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()))));
    return Collections.unmodifiableMap(tensors);
  }

  /** The tensors by name, in the header's order; the data is read-only. */
  public Map<String, SafetensorsTensor> tensors() {
    return tensors;
  }

  /** The free text of the header's {@code __metadata__}; empty if there is none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The tensor of this name.
   *
   * @throws SafetensorsException if the file has none; lists the names it has
   */
  public SafetensorsTensor tensor(String name) {
    @Nullable SafetensorsTensor tensor = tensors.get(name);
    if (tensor == null) {
      String first = String.join(", ", tensors.keySet().stream().limit(8).map(SafetensorsException::quote).toList());
      throw SafetensorsException.inTensor(file, name, "no tensor of this name among %d".formatted(tensors.size()),
          tensors.isEmpty() ? "at least one tensor" : "one of " + first + (tensors.size() > 8 ? ", …" : ""),
          "check that the file belongs to this model");
    }
    return tensor;
  }

  /**
   * A tensor's elements as float32, in row-major order.
   *
   * @throws SafetensorsException if there is no such tensor, it is not F32, F64, F16 or BF16, or it exceeds 2³¹−1
   * elements
   */
  public float[] floats(String name) {
    SafetensorsTensor tensor = tensor(name);
    long elements = tensor.shape().elements();
    if (elements > Integer.MAX_VALUE - 8) {
      throw SafetensorsException.inTensor(file, name, "%d elements".formatted(elements),
          "no more than a Java array holds", "copy the tensor to off-heap memory instead");
    }
    float[] values = new float[(int) elements];
    copyFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  /**
   * Copies a tensor's elements as float32 in row-major order. F64 is rounded to nearest; F16 and BF16 are exact.
   *
   * @param destination receives float32 in the host's byte order; exactly 4 bytes an element
   * @throws SafetensorsException if there is no such tensor or it is not F32, F64, F16 or BF16
   * @throws IllegalArgumentException if {@code destination} has another size
   */
  public void copyFloats(String name, MemorySegment destination) {
    SafetensorsTensor tensor = tensor(name);
    MemorySegment data = tensor.data();
    long elements = tensor.shape().elements();
    if (destination.byteSize() / Float.BYTES != elements || destination.byteSize() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "%s: tensor '%s': found a destination of %d bytes, needed %d elements of 4 bytes for shape %s".formatted(file,
              name, destination.byteSize(), elements, tensor.shape()));
    }
    switch (tensor.type()) {
      case F32 -> MemorySegment.copy(data, FLOAT_LE, 0, destination, FLOAT_NATIVE, 0, elements);
      case F64 -> {
        for (long i = 0; i < elements; i++) {
          destination.setAtIndex(FLOAT_NATIVE, i, (float) data.getAtIndex(DOUBLE_LE, i));
        }
      }
      case F16 -> {
        for (long i = 0; i < elements; i++) {
          destination.setAtIndex(FLOAT_NATIVE, i, Float.float16ToFloat(data.getAtIndex(SHORT_LE, i)));
        }
      }
      case BF16 -> {
        for (long i = 0; i < elements; i++) {
          destination.setAtIndex(FLOAT_NATIVE, i, Bfloat16.toFloat(data.getAtIndex(SHORT_LE, i)));
        }
      }
      default -> throw SafetensorsException.inTensor(file, name, "dtype " + tensor.type(),
          "F32, F64, F16 or BF16 to read it as float32", "convert the tensor to one of these types");
    }
  }

  /** Unmaps the file; every tensor's memory becomes invalid. */
  @Override
  public void close() {
    arena.close();
  }

  @Override
  public String toString() {
    return "Safetensors[%s, %d tensors]".formatted(file, tensors.size());
  }
}
