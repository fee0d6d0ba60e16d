package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class HostBufferTest {
  @Test
  void isZeroedAndAligned() {
    try (HostBuffer buffer = new HostBuffer("weights", 200)) {
      assertThat(buffer.byteSize()).isEqualTo(200);
      assertThat(buffer.segment().address() % HostBuffer.ALIGNMENT).isZero();
      assertThat(buffer.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      assertThat(buffer).hasToString("HostBuffer[weights, 200 bytes]");
    }
  }

  @Test
  void namesItselfWhenUsedAfterItsEnd() {
    HostBuffer buffer = new HostBuffer("weights", 8);
    View view = View.of(buffer, DType.F64, 0, Shape.scalar());
    buffer.close();

    assertThatThrownBy(buffer::segment)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("buffer 'weights' is closed: its owner released it earlier");
    assertThatThrownBy(() -> HostBuffer.segmentOf(view))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'weights'");
  }

  @Test
  void isNotClosedWhileItIsHeld() {
    HostBuffer buffer = new HostBuffer("weights", 8);
    buffer.hold();
    buffer.hold();
    buffer.release();
    assertThatThrownBy(buffer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("buffer 'weights' is in use by a kernel: close it after submit has returned");
    assertThat(buffer.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
    buffer.release();
    buffer.close();
    assertThatThrownBy(buffer::hold)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'weights' is closed");
  }

  @Test
  void refusesToCloseTwice() {
    HostBuffer buffer = new HostBuffer("weights", 8);
    buffer.close();

    assertThatThrownBy(buffer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("buffer 'weights' is closed: its owner released it earlier");
  }

  @Test
  void refusesBuffersOfOtherBackends() {
    assertThatThrownBy(() -> HostBuffer.segmentOf(Operands.f32("elsewhere", 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("buffer 'elsewhere' is a NoMemory and belongs to another backend");
  }

  @Test
  void namesWhatCannotBeAllocated() {
    assertThatThrownBy(() -> new HostBuffer("everything", 1L << 60))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("buffer 'everything': 1152921504606846976 bytes of off-heap memory could not be had");
    assertThatThrownBy(() -> new HostBuffer("more than everything", Long.MAX_VALUE))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("buffer 'more than everything': 9223372036854775807 bytes of off-heap memory could not be had");
  }

  @Test
  void refusesNegativeSizes() {
    assertThatThrownBy(() -> new HostBuffer("weights", -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("buffer 'weights': -1 bytes (expected: ≥ 0)");
  }
}
