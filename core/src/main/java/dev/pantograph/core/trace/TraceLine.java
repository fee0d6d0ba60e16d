package dev.pantograph.core.trace;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line of a trace: a JSON object whose {@code line} says which of these records it is. */
public sealed interface TraceLine {
  /** How much of each kernel is kept. */
  enum Detail {
    /** The kernel and its views. */
    STRUCTURE,
    /** Also the statistics and a digest of what it wrote. */
    RESULTS,
    /** Also what it read and wrote, so that it can be run again. */
    CONTENTS
  }

  /**
   * The first line.
   *
   * @param format {@link #FORMAT}
   * @param version {@link #VERSION}
   * @param backend id of the backend that ran the kernels
   */
  record Header(String format, int version, String backend, Detail detail) implements TraceLine {
    static final String FORMAT = "pantograph kernel trace";
    static final int VERSION = 1;
  }

  /**
   * A buffer, before the first kernel on it.
   *
   * @param buffer its number, from 0 in the order of first use
   */
  record NamedBuffer(int buffer, String name, long byteSize) implements TraceLine {}

  /**
   * A kernel.
   *
   * @param step of training, or what else the recording was started for
   * @param number within the step, from 0
   * @param kernel as {@link dev.pantograph.core.kernel.KernelForm} writes it
   * @param contents what the regions held that it read, in the order of {@link dev.pantograph.core.kernel.Region#of};
   *     none unless contents are kept
   * @param results what it wrote, in the order of its operands; none if only the structure is kept
   */
  record TracedKernel(
      long step, long number, Map<String, Object> kernel, List<Content> contents, List<Result> results)
      implements TraceLine {}

  /**
   * Bytes in the file of contents.
   *
   * @param at position of the first
   */
  record Content(long bytes, long at) {}

  /**
   * What a kernel wrote to one operand. The statistics are of the finite elements.
   *
   * @param digest first half of SHA-256 of the elements in row-major order, in their own type; hexadecimal
   * @param content the elements themselves, one after another; null unless contents are kept
   */
  record Result(
      String operand, long elements, long notFinite, double least, double greatest, double mean, double rms,
      String digest, @Nullable Content content) {}
}
