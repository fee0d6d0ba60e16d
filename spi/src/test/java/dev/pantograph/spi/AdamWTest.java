package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
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
  private static final View WHOLE = f32("whole", 8);

  @ParameterizedTest
  @MethodSource({"breaches", "overlaps"})
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("AdamW: value is 'value' F32[3, 2] strides [1, 3], needed contiguous elements; copy it first",
            () -> slot(f32("value", 2, 3).transpose(), GRADIENT, FIRST, SECOND)),
        new Breach("AdamW: gradient is 'gradient' F32[2, 3], needed shape [3, 2]",
            () -> slot(VALUE, f32("gradient", 2, 3), FIRST, SECOND)),
        new Breach("AdamW: firstMoment is 'first' F64[3, 2], needed type F32, which this kernel computes in",
            () -> slot(VALUE, GRADIENT, f64("first", 3, 2), SECOND)),
        new Breach("AdamW: secondMoment is 'second' F32[6], needed shape [3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, f32("second", 6))),
        new Breach("AdamW: value 'value' F32[3, 2] overlaps gradient 'value' F32[3, 2]",
            () -> slot(VALUE, VALUE, FIRST, SECOND)),
        new Breach("AdamW: firstMoment 'first' F32[3, 2] overlaps secondMoment 'first' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, FIRST)),
        new Breach("AdamW: control is 'control' F32[3], needed shape [4]",
            () -> step(f32("control", 3), null, 0.9, 0.95)),
        new Breach("AdamW: value is 'value' F32[3, 2], needed type F64, which this kernel computes in",
            () -> step(f64("control", 4), null, 0.9, 0.95)),
        new Breach("AdamW: squaredGradientNorm is 'norm' F32[], needed one F64 element",
            () -> step(CONTROL, f32("norm"), 0.9, 0.95)),
        new Breach("AdamW: β₁ = 1.0, β₂ = 0.95: needed [0, 1)",
            () -> step(CONTROL, null, 1, 0.95)),
        new Breach("AdamW: β₁ = 0.9, β₂ = -0.5: needed [0, 1)",
            () -> step(CONTROL, null, 0.9, -0.5)));
  }

  static Stream<Breach> overlaps() {
    return Stream.of(
        new Breach("AdamW: value 'value' F32[3, 2] overlaps firstMoment 'value' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, VALUE, SECOND)),
        new Breach("AdamW: value 'value' F32[3, 2] overlaps secondMoment 'value' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, VALUE)),
        new Breach("AdamW: firstMoment 'gradient' F32[3, 2] overlaps gradient 'gradient' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, GRADIENT, SECOND)),
        new Breach("AdamW: secondMoment 'gradient' F32[3, 2] overlaps gradient 'gradient' F32[3, 2]",
            () -> slot(VALUE, GRADIENT, FIRST, GRADIENT)),
        new Breach("AdamW: secondMoment 'second' F32[3, 2] overlaps control 'second' F32[4]",
            () -> step(f32Inside(SECOND, 4), null, 0.9, 0.95)),
        new Breach("AdamW: value 'value' F32[3, 2] overlaps squaredGradientNorm 'value' F64[]",
            () -> step(CONTROL, View.of(VALUE.buffer(), DType.F64, 0, Shape.scalar()), 0.9, 0.95)),
        new Breach("AdamW: value 'value' F32[3, 2] overlaps value 'value' F32[6]",
            () -> steps(slot(VALUE, GRADIENT, FIRST, SECOND), apart(VALUE.reshape(Shape.of(6))))),
        new Breach("AdamW: value 'whole' F32[2] overlaps value 'whole' F32[2]",
            () -> steps(apart(part(4, 2)), apart(part(0, 2)), apart(part(5, 2)))),
        new Breach("AdamW: gradient 'whole' F32[8] overlaps value 'whole' F32[2]",
            () -> steps(reading(part(0, 8)), reading(part(1, 2)), apart(part(6, 2)))));
  }

  private static AdamW.Slot slot(View value, View gradient, View firstMoment, View secondMoment) {
    return new AdamW.Slot(value, gradient, firstMoment, secondMoment, 1, 0.1, AdamW.Decay.COUPLED, 1e-8);
  }

  /** A slot of this value and other memory. */
  private static AdamW.Slot apart(View value) {
    long[] sizes = value.shape().toArray();
    return slot(value, f32("g", sizes), f32("m", sizes), f32("v", sizes));
  }

  /** A slot of this gradient and other memory. */
  private static AdamW.Slot reading(View gradient) {
    long[] sizes = gradient.shape().toArray();
    return slot(f32("w", sizes), gradient, f32("m", sizes), f32("v", sizes));
  }

  private static View part(long from, long length) {
    return WHOLE.slice(0, from, length);
  }

  private static AdamW steps(AdamW.Slot... slots) {
    return new AdamW(List.of(slots), CONTROL, null, 1, 0.9, 0.95);
  }

  private static AdamW step(View control, @Nullable View squaredGradientNorm, double beta1, double beta2) {
    List<AdamW.Slot> slots = List.of(slot(VALUE, GRADIENT, FIRST, SECOND));
    return new AdamW(slots, control, squaredGradientNorm, 1, beta1, beta2);
  }

  @Test
  void slotsMayLieSideBySideAndShareTheirGradients() {
    AdamW kernel = steps(apart(part(4, 4)), apart(part(0, 4)), reading(GRADIENT), reading(GRADIENT), apart(part(3, 0)));

    assertThat(kernel.slots()).hasSize(5);
  }

  @Test
  void updatesThreeTensorsAndReadsTheFourth() {
    AdamW kernel = step(CONTROL, f64("norm"), 0.9, 0.95);

    assertThat(kernel.bytes()).isEqualTo(4 * ((3 * 2 + 1) * 6 + 4) + 8);
    assertThat(kernel.flops()).isEqualTo(14 * 6);
  }
}
