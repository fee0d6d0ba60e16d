package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f64;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdamWTest {
  private static final View VALUE = f32("value", 3, 2);
  private static final View GRADIENT = f32("gradient", 3, 2);
  private static final View FIRST = f32("first", 3, 2);
  private static final View SECOND = f32("second", 3, 2);
  private static final View CONTROL = f32("control", 4);

  @ParameterizedTest
  @MethodSource("breaches")
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("AdamW: value is 'value' F32[3, 2] strides [1, 3], needed contiguous elements; copy it first",
            () -> slot(f32("value", 2, 3).transpose(), GRADIENT, FIRST, SECOND)),
        new Breach("AdamW: gradient is 'gradient' F32[2, 3], needed shape [3, 2]",
            () -> slot(VALUE, f32("gradient", 2, 3), FIRST, SECOND)),
        new Breach("AdamW: firstMoment is 'first' F64[3, 2], needed type F32 like the first operand",
            () -> slot(VALUE, GRADIENT, f64("first", 3, 2), SECOND)),
        new Breach("AdamW: secondMoment is 'second' F32[6], needed shape [3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, f32("second", 6))),
        new Breach("AdamW: value 'value' F32[3, 2] overlaps gradient 'value' F32[3, 2]",
            () -> slot(VALUE, VALUE, FIRST, SECOND)),
        new Breach("AdamW: firstMoment 'first' F32[3, 2] overlaps secondMoment 'first' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, FIRST)),
        new Breach("AdamW: control is 'control' F32[3], needed shape [4]",
            () -> step(f32("control", 3), null, 0.9, 0.95)),
        new Breach("AdamW: value is 'value' F32[3, 2], needed type F64 like the first operand",
            () -> step(f64("control", 4), null, 0.9, 0.95)),
        new Breach("AdamW: squaredGradientNorm is 'norm' F32[], needed one F64 element",
            () -> step(CONTROL, f32("norm"), 0.9, 0.95)),
        new Breach("AdamW: β₁ = 1.0, β₂ = 0.95: needed [0, 1)",
            () -> step(CONTROL, null, 1, 0.95)),
        new Breach("AdamW: β₁ = 0.9, β₂ = -0.5: needed [0, 1)",
            () -> step(CONTROL, null, 0.9, -0.5)));
  }

  private static AdamW.Slot slot(View value, View gradient, View firstMoment, View secondMoment) {
    return new AdamW.Slot(value, gradient, firstMoment, secondMoment, 1, 0.1, AdamW.Decay.COUPLED, 1e-8);
  }

  private static AdamW step(View control, @Nullable View squaredGradientNorm, double beta1, double beta2) {
    List<AdamW.Slot> slots = List.of(slot(VALUE, GRADIENT, FIRST, SECOND));
    return new AdamW(slots, control, squaredGradientNorm, 1, beta1, beta2);
  }

  @Test
  void updatesThreeTensorsAndReadsTheFourth() {
    AdamW kernel = step(CONTROL, f64("norm"), 0.9, 0.95);

    assertThat(kernel.bytes()).isEqualTo(4 * ((3 * 2 + 1) * 6 + 4) + 8);
    assertThat(kernel.flops()).isEqualTo(14 * 6);
  }
}
