package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bfloat16LanesTest {
  private static final int PATTERNS = 1 << Short.SIZE;

  @Test
  void everyBfloat16IsWidenedAsItIs() {
    short[] bits = new short[PATTERNS];
    for (int i = 0; i < PATTERNS; i++) {
      bits[i] = (short) i;
    }
    int[] widened = new int[PATTERNS];

    Bfloat16Lanes.widen(MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(widened), 0, PATTERNS);

    for (int i = 0; i < PATTERNS; i++) {
      assertThat(widened[i]).as("pattern %x", i).isEqualTo(i << Short.SIZE);
    }
  }

  /** What follows the bits that are kept: nothing, just less than half of the last place, half, just more, most. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF})
  void everyFloat32IsRoundedAsByScalars(int cutOff) {
    int[] bits = new int[PATTERNS];
    for (int i = 0; i < PATTERNS; i++) {
      bits[i] = i << Short.SIZE | cutOff;
    }
    short[] rounded = new short[PATTERNS];

    Bfloat16Lanes.round(MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(rounded), 0, PATTERNS);

    for (int i = 0; i < PATTERNS; i++) {
      assertThat(rounded[i]).as("bits %x", bits[i]).isEqualTo(Bfloat16.fromFloat(Float.intBitsToFloat(bits[i])));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 15, 16, 17, 31, 33})
  void onlyTheElementsAskedForAreTouched(int length) {
    short[] source = new short[40];
    short[] target = new short[40];
    float[] between = new float[40];
    for (int i = 0; i < source.length; i++) {
      source[i] = Bfloat16.fromFloat(i + 1);
      target[i] = -1;
    }

    Bfloat16Lanes.widen(MemorySegment.ofArray(source), 2, MemorySegment.ofArray(between), 4, length);
    Bfloat16Lanes.round(MemorySegment.ofArray(between), 4, MemorySegment.ofArray(target), 2, length);

    for (int i = 0; i < source.length; i++) {
      boolean inside = i >= 1 && i <= length;
      assertThat(target[i]).as("element %d", i).isEqualTo(inside ? source[i] : (short) -1);
      assertThat(between[i]).as("element %d", i).isEqualTo(inside ? i + 1f : 0f);
    }
  }

  @Test
  void aSignallingNanStaysNan() {
    MemorySegment rounded = MemorySegment.ofArray(new short[1]);

    Bfloat16Lanes.round(MemorySegment.ofArray(new int[] {0x7F800001}), 0, rounded, 0, 1);

    assertThat(Bfloat16.toFloat(rounded.get(ValueLayout.JAVA_SHORT, 0))).isNaN();
  }
}
