package dev.pantograph.backends.cuda.cublaslt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.HexFormat;

/**
 * A way to compute a {@link Product} on one kind of device, by one version of the library: for those it can be kept.
 *
 * @param code 64 bytes in hexadecimal, which the library reads
 * @param workspaceBytes memory of the device that it needs beside the matrices
 * @param waves how many times the device is filled with blocks; below 1, or just above a whole number, much of it idles
 */
public record MatmulAlgorithm(String code, long workspaceBytes, float waves) {
  private static final long CODE_BYTES = 64;

  /** What the library writes for each algorithm it proposes. */
  public static final StructLayout LAYOUT = MemoryLayout.structLayout(
      MemoryLayout.sequenceLayout(CODE_BYTES / 8, JAVA_LONG).withName("algo"), JAVA_LONG.withName("workspaceSize"),
      JAVA_INT.withName("state"), JAVA_FLOAT.withName("wavesCount"),
      MemoryLayout.sequenceLayout(4, JAVA_INT).withName("reserved")).withName("cublasLtMatmulHeuristicResult_t");

  private static final long WORKSPACE = LAYOUT.byteOffset(PathElement.groupElement("workspaceSize"));
  private static final long STATE = LAYOUT.byteOffset(PathElement.groupElement("state"));
  private static final long WAVES = LAYOUT.byteOffset(PathElement.groupElement("wavesCount"));

  public MatmulAlgorithm {
    if (code.length() != 2 * CODE_BYTES) {
      throw new IllegalArgumentException("algorithm '%s': %d hexadecimal digits (expected: %d)".formatted(
          code, code.length(), 2 * CODE_BYTES));
    }
  }

  static boolean usable(MemorySegment result) {
    return result.get(JAVA_INT, STATE) == 0;
  }

  static MatmulAlgorithm read(MemorySegment result) {
    byte[] code = result.asSlice(0, CODE_BYTES).toArray(JAVA_BYTE);
    return new MatmulAlgorithm(
        HexFormat.of().formatHex(code), result.get(JAVA_LONG, WORKSPACE), result.get(JAVA_FLOAT, WAVES));
  }

  void writeCode(MemorySegment target) {
    MemorySegment.copy(HexFormat.of().parseHex(code), 0, target, JAVA_BYTE, 0, (int) CODE_BYTES);
  }
}
