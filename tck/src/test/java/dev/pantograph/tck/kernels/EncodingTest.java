package dev.pantograph.tck.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {

  /** Bfloat16 has 8 significant bits: neighbours of 1 are 2⁻⁷ apart. */
  @ParameterizedTest
  @CsvSource({
    "1, 1", "1.00390625, 1", "1.01171875, 1.015625", "1.005, 1.0078125", "-1.005, -1.0078125", "3.4e38, Infinity",
    "NaN, NaN", "-0.0, -0.0", "-Infinity, -Infinity"
  })
  void bfloat16RoundsToNearestTiesToEven(double value, double expected) {
    assertThat(Encoding.round(DType.BF16, value)).isEqualTo((Double) expected);
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeHoldsWhatItRoundsTo(DType type) {
    MemorySegment memory = MemorySegment.ofArray(new byte[4 * type.bytes()]);
    for (double value : new double[] {0, 1, -7, 100.3, 1e-3}) {
      Encoding.store(memory, type, 2, value);

      assertThat(Encoding.load(memory, type, 2)).isEqualTo(Encoding.round(type, value));
    }
  }

  @Test
  void integersLoseTheirFraction() {
    assertThat(Encoding.round(DType.I32, 2.9)).isEqualTo(2);
  }
}
