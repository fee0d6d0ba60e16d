package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseIndicesTest {
  /** Memory of the host, and nothing that computes. */
  private static final class Memory implements Backend {
    @Override
    public String id() {
      return "memory";
    }

    @Override
    public Buffer allocate(String name, long byteSize) {
      return new HostBuffer(name, byteSize);
    }

    @Override
    public void submit(Kernel kernel) {
      throw new KernelException("none is run here");
    }

    @Override
    public void upload(MemorySegment source, Buffer target, long targetOffset) {
      HostBuffer.of(target).segment().asSlice(targetOffset, source.byteSize()).copyFrom(source);
    }

    @Override
    public void download(Buffer source, long sourceOffset, MemorySegment target) {
      throw new KernelException("nothing is read here");
    }

    @Override
    public void close() {}
  }

  /**
   * <pre>
   *   . x . x
   *   . . . .
   *   x x . .
   * </pre>
   */
  private static final SparseIndices INDICES =
      SparseIndices.of(3, 4, new int[] {0, 2, 2, 4}, new int[] {1, 3, 0, 1});

  private static int[] indices(View view) {
    return HostBuffer.segmentOf(view).asSlice(view.byteOffset(), view.bytes()).toArray(ValueLayout.JAVA_INT);
  }

  @Test
  void uploadsBothTraversalsAndTouchesNothingBesideThem() {
    Memory backend = new Memory();
    long size = INDICES.byteSize();
    try (Buffer buffer = backend.allocate("indices", size + 128)) {
      MemorySegment memory = HostBuffer.of(buffer).segment();
      memory.fill((byte) 7);
      SparsePattern pattern = INDICES.upload(backend, buffer, 64);

      assertThat(indices(pattern.rowOffsets())).containsExactly(0, 2, 2, 4);
      assertThat(indices(pattern.columnIndices())).containsExactly(1, 3, 0, 1);
      assertThat(indices(pattern.columnOffsets())).containsExactly(0, 1, 3, 3, 4);
      assertThat(indices(pattern.rowIndices())).containsExactly(2, 0, 2, 0);
      assertThat(indices(pattern.positions())).containsExactly(2, 0, 3, 1);
      assertThat(memory.asSlice(0, 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
      assertThat(memory.asSlice(64 + size, 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
    }
  }

  @Test
  void aMaskNamesTheSameWeights() {
    SparseIndices masked = SparseIndices.of(3, 4,
        (row, column) -> row == 0 && column % 2 == 1 || row == 2 && column < 2);

    assertThat(masked.nonZeros()).isEqualTo(4);
    for (int row = 0; row <= 3; row++) {
      assertThat(masked.rowOffset(row)).isEqualTo(INDICES.rowOffset(row));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(masked.column(i)).isEqualTo(INDICES.column(i));
    }
  }

  @Test
  void doesNotShareTheCallersArrays() {
    int[] columns = {0};
    SparseIndices indices = SparseIndices.of(1, 2, new int[] {0, 1}, columns);
    columns[0] = 1;
    assertThat(indices.column(0)).isZero();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "0 2       | 1 3 | sparse weight [3, 4]: 2 row offsets, needed 4",
    "1 2 2 2   | 1 3 | sparse weight [3, 4]: row offsets from 1 to 2, needed from 0 to the 2 column indices",
    "0 2 2 3   | 1 3 | sparse weight [3, 4]: row offsets from 0 to 3, needed from 0 to the 2 column indices",
    "0 2 1 2   | 1 3 | sparse weight [3, 4]: row 1 from 2 to 1, needed offsets that never fall",
    "0 9 1 2   | 1 3 | sparse weight [3, 4]: row 0 from 0 to 9, needed offsets that never fall",
    "0 0 2 2   | 1 4 | sparse weight [3, 4]: column 4 in row 1, needed [0, 4)",
    "0 0 2 2   | -1 3 | sparse weight [3, 4]: column -1 in row 1, needed [0, 4)",
    "0 0 2 2   | 3 1 | sparse weight [3, 4]: column 1 follows 3 in row 1, needed rising columns, each once; sort them",
    "0 0 2 2   | 3 3 | sparse weight [3, 4]: column 3 follows 3 in row 1, needed rising columns, each once; sort them"})
  void refusesIndicesOutOfOrderOrOutside(String offsets, String columns, String message) {
    assertThatThrownBy(() -> SparseIndices.of(3, 4, ints(offsets), ints(columns)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  private static int[] ints(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  @Test
  void refusesMoreNonZerosThanIndicesCanCount() {
    assertThatThrownBy(() -> SparseIndices.of(1 << 16, 1 << 15, (_, _) -> true))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("more than 2147483647 non-zeros");
  }

  @Test
  void refusesABufferThatIsTooSmallOrAnUnevenOffset() {
    Memory backend = new Memory();
    try (Buffer buffer = backend.allocate("indices", INDICES.byteSize())) {
      assertThatThrownBy(() -> INDICES.upload(backend, buffer, 64)).hasMessage(
          "buffer 'indices' of 320 bytes cannot hold the 320 bytes of a pattern from byte 64 on, a multiple of 64");
      assertThatThrownBy(() -> INDICES.upload(backend, buffer, 4)).hasMessageContaining("from byte 4 on");
    }
  }
}
