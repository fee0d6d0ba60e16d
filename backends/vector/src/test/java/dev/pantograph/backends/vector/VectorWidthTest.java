package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VectorWidthTest {
  @Test
  void anyWidthUpToTheProcessorsCanBeForced() {
    assertThat(VectorWidth.refusal(null, 256)).isEmpty();
    assertThat(VectorWidth.refusal("128", 256)).isEmpty();
    assertThat(VectorWidth.refusal("256", 256)).isEmpty();
  }

  @Test
  void whatCannotBeHadIsNamed() {
    assertThat(VectorWidth.refusal("512", 256).orElseThrow())
        .contains("pantograph.vector.bits").contains("'512'").contains("256 bits");
    assertThat(VectorWidth.refusal("64", 256).orElseThrow()).contains("'64'").contains("128, 256, 512");
    assertThat(VectorWidth.refusal("wide", 256).orElseThrow()).contains("'wide'");
  }

  @Test
  void theForcedWidthIsTheOneInForce() {
    String bits = System.getProperty(VectorWidth.PROPERTY);
    if (bits != null) {
      assertThat(Lanes.FLOATS.vectorBitSize()).isEqualTo(Integer.parseInt(bits));
    }
  }
}
