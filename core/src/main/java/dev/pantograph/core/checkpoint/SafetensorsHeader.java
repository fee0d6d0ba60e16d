package dev.pantograph.core.checkpoint;

import dev.pantograph.spi.Shape;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What the header of a safetensors file declares.
 *
 * @param tensors the tensors by name, in the header's order
 * @param metadata free text by key
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  /** Key under which the header keeps its free text; no tensor can have this name. */
  static final String METADATA = "__metadata__";

  /** The longest header the format allows, in bytes. */
  static final long LONGEST = 100_000_000;

  /**
   * One tensor's declaration.
   *
   * @param begin first byte, counted from the end of the header
   * @param end one past the last byte
   */
  record Entry(SafetensorsType type, Shape shape, long begin, long end) {}

  /**
   * Checks that the tensors cover the data from its first byte to its last, without hole or overlap.
   *
   * @throws SafetensorsException if they do not; names the tensor where the chain breaks
   */
  void requireCoverage(Path file, long dataBytes) {
    List<Map.Entry<String, Entry>> byPosition = tensors.entrySet().stream()
        .sorted(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()))
        .toList();
    long covered = 0;
    for (Map.Entry<String, Entry> tensor : byPosition) {
      Entry entry = tensor.getValue();
      if (entry.end() > dataBytes) {
        throw SafetensorsException.inTensor(file, tensor.getKey(),
            "data_offsets [%d, %d]".formatted(entry.begin(), entry.end()),
            "an end within the %d bytes of data in the file".formatted(dataBytes),
            "the file is cut short or damaged: fetch or write it again");
      }
      if (entry.begin() != covered) {
        throw SafetensorsException.inTensor(file, tensor.getKey(),
            "data_offsets [%d, %d], which %s".formatted(entry.begin(), entry.end(),
                entry.begin() < covered ? "overlap the tensor before" : "leave a gap after the tensor before"),
            "begin %d".formatted(covered), "the file is damaged or its writer is at fault: write it again");
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw SafetensorsException.inFile(file, "%d bytes of data".formatted(dataBytes),
          "exactly the %d bytes its tensors cover".formatted(covered),
          "something was appended or a tensor's entry is missing: write the file again");
    }
  }
}
