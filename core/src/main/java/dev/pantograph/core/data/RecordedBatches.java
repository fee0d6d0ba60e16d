package dev.pantograph.core.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Batches recorded from another run, to be replayed: little-endian uint16 {@code [steps][microBatches][B][T+1]}.
 *
 * <p>The inputs of a row are its first T tokens, the targets its last T. The file stays mapped until {@link #close}.
 */
public final class RecordedBatches implements BatchSource, AutoCloseable {
  private static final ValueLayout.OfChar RECORDED = ValueLayout.JAVA_CHAR_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INDEX = ValueLayout.JAVA_INT_UNALIGNED;

  private final Path file;
  private final Arena arena;
  private final MemorySegment tokens;
  private final BatchGeometry geometry;
  private final long steps;

  private RecordedBatches(Path file, Arena arena, MemorySegment tokens, BatchGeometry geometry, long steps) {
    this.file = file;
    this.arena = arena;
    this.tokens = tokens;
    this.geometry = geometry;
    this.steps = steps;
  }

  /**
   * Opens a recording.
   *
   * @param steps optimizer steps recorded
   * @param microBatches micro-batches of a step
   * @param batch rows of a micro-batch, B
   * @param time tokens of a row, T
   * @throws DataException if the file cannot be read or does not have exactly the size these numbers give
   */
  public static RecordedBatches open(Path file, long steps, int microBatches, int batch, int time) {
    BatchGeometry geometry = new BatchGeometry(microBatches, batch, time);
    long needed = Math.multiplyExact(Math.multiplyExact(steps, geometry.rowsPerStep()), (time + 1L) * Character.BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != needed) {
        throw new DataException(("%s: found %d bytes, needed %d for"
            + " uint16[%d steps][%d micro-batches][%d rows][%d + 1 tokens];"
            + " check that the numbers are those of the recorded run")
            .formatted(file, channel.size(), needed, steps, microBatches, batch, time));
      }
      Arena arena = Arena.ofShared();
      try {
        return new RecordedBatches(file, arena, channel.map(MapMode.READ_ONLY, 0, needed, arena), geometry, steps);
      } catch (IOException | RuntimeException | Error e) {
        arena.close();
        throw e;
      }
    } catch (IOException e) {
      throw new DataException("%s: found that reading fails (%s), needed recorded batches; check path and permissions"
          .formatted(file, e), e);
    }
  }

  @Override
  public int batch() {
    return geometry.batch();
  }

  @Override
  public int time() {
    return geometry.time();
  }

  @Override
  public int microBatches() {
    return geometry.microBatches();
  }

  /** Number of optimizer steps recorded. */
  public long steps() {
    return steps;
  }

  @Override
  public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
    geometry.require(step, micro, inputs, targets);
    if (step >= steps) {
      throw new IndexOutOfBoundsException(
          "%s: found step %d, needed one below the %d recorded; train no longer than that"
              .formatted(file, step, steps));
    }
    int time = geometry.time();
    long firstRow = step * geometry.rowsPerStep() + (long) micro * geometry.batch();
    for (int row = 0; row < geometry.batch(); row++) {
      long start = (firstRow + row) * (time + 1L);
      long at = (long) row * time;
      for (int t = 0; t < time; t++) {
        inputs.setAtIndex(INDEX, at + t, tokens.getAtIndex(RECORDED, start + t));
        targets.setAtIndex(INDEX, at + t, tokens.getAtIndex(RECORDED, start + t + 1));
      }
    }
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    arena.close();
  }
}
