package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16Test {
  private static final long SEED = 11;

  private static short rounded(float value) {
    return Bfloat16.fromFloat(value);
  }

  @Test
  void everyBfloat16ComesBackFromFloat32() {
    for (int bits = 0; bits < 1 << Short.SIZE; bits++) {
      float value = Bfloat16.toFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(Bfloat16.toFloat(rounded(value))).as("bits %x", bits).isNaN();
      } else {
        assertThat(rounded(value)).as("bits %x", bits).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void roundsToTheNearerNeighbour() {
    Random random = new Random(SEED);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value) && Math.abs(value) < 0x1.fcp127f) {
        int below = Float.floatToRawIntBits(value) & 0xFFFF0000;
        double toZero = Float.intBitsToFloat(below);
        double away = Float.intBitsToFloat(below + 0x10000);
        double best = Math.min(Math.abs(value - toZero), Math.abs(away - value));
        assertThat(Math.abs((double) Bfloat16.toFloat(rounded(value)) - value)).as("%a", value).isEqualTo(best);
      }
    }
  }

  @ParameterizedTest(name = "{0} is rounded to {1}")
  @CsvSource({
      "0x3F808000, 0x3F80", // half way, the lower neighbour is even
      "0x3F818000, 0x3F82", // half way, the upper neighbour is even
      "0xBF818000, 0xBF82",
      "0x7F7FFFFF, 0x7F80", // the largest float32 becomes infinity
      "0x80000000, 0x8000", // minus zero
      "0x00000001, 0x0000", // the smallest denormal
      "0x00018000, 0x0002",
      "0x7F800001, 0x7FC0" // a NaN whose bits are all cut off
  })
  void edgesAreRoundedAsIeee754Says(String float32, String bfloat16) {
    float value = Float.intBitsToFloat(Integer.parseUnsignedInt(float32.substring(2), 16));

    assertThat(rounded(value) & 0xFFFF).isEqualTo(Integer.parseInt(bfloat16.substring(2), 16));
  }
}
