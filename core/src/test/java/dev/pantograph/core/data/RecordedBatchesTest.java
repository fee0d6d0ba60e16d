package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedBatchesTest {
  @TempDir Path folder;

  @Test
  void inputsAndTargetsComeFromTheirPlaceInTheRecording() throws IOException {
    int[] inputs = new int[6];
    int[] targets = new int[6];

    try (RecordedBatches batches = RecordedBatches.open(recording(2 * 2 * 2 * 4), 2, 2, 2, 3)) {
      batches.fill(1, 1, MemorySegment.ofArray(inputs), MemorySegment.ofArray(targets));
    }

    assertThat(inputs).containsExactly(60024, 60025, 60026, 60028, 60029, 60030);
    assertThat(targets).containsExactly(60025, 60026, 60027, 60029, 60030, 60031);
  }

  @Test
  void aFileOfAnotherSizeIsRefused() throws IOException {
    Path file = recording(31);

    assertThatThrownBy(() -> RecordedBatches.open(file, 2, 2, 2, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            "batches.u16: found 62 bytes", "needed 64 for uint16[2 steps][2 micro-batches][2 rows][3 + 1 tokens]");
  }

  @Test
  void aMissingFileIsReported() {
    assertThatThrownBy(() -> RecordedBatches.open(folder.resolve("none.u16"), 2, 2, 2, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("none.u16", "needed recorded batches");
  }

  @Test
  void aStepBeyondTheRecordingIsRefused() throws IOException {
    MemorySegment row = MemorySegment.ofArray(new int[6]);

    try (RecordedBatches batches = RecordedBatches.open(recording(32), 2, 2, 2, 3)) {
      assertThatThrownBy(() -> batches.fill(2, 0, row, row))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContainingAll("batches.u16", "found step 2", "the 2 recorded");
    }
  }

  @Test
  void theRecordedRunsAreRead() {
    Path shared = Path.of(System.getProperty("pantograph.shared", "../../shared"));
    Path file = shared.resolve("golden", "sp", "batches.u16");
    assumeTrue(Files.exists(file), "recorded runs are not at hand");
    int[] inputs = new int[4 * 64];
    int[] targets = new int[4 * 64];

    try (RecordedBatches batches = RecordedBatches.open(file, 20, 2, 4, 64)) {
      batches.fill(19, 1, MemorySegment.ofArray(inputs), MemorySegment.ofArray(targets));
    }

    assertThat(IntStream.of(inputs)).allSatisfy(token -> assertThat(token).isBetween(0, 64));
    assertThat(IntStream.range(0, 63).map(t -> targets[t])).containsExactly(
        IntStream.range(1, 64).mapToObj(t -> inputs[t]).toArray(Integer[]::new));
  }

  /** Counts up from 60000, beyond the reach of a signed 16-bit number. */
  private Path recording(int tokens) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(tokens * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, tokens).forEach(i -> bytes.putShort((short) (60000 + i)));
    return Files.write(folder.resolve("batches.u16"), bytes.array());
  }
}
