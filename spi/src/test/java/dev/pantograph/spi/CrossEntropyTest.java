package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static dev.pantograph.spi.Operands.i32Inside;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CrossEntropyTest {
  private static final View LOSSES = f32("losses", 4);
  private static final View LOGITS = f32("logits", 4, 9);
  private static final View D_LOGITS = f32("dLogits", 4, 9);
  private static final View TARGETS = i32("targets", 4);

  @ParameterizedTest
  @MethodSource({"breaches", "overlaps"})
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("CrossEntropy: logits is 'logits' F32[2, 2, 9], needed rank 2",
            () -> new CrossEntropy(LOSSES, null, f32("logits", 2, 2, 9), TARGETS, 1)),
        new Breach("CrossEntropy: logits is 'logits' F32[4, 0], needed a vocabulary of at least 1",
            () -> new CrossEntropy(LOSSES, null, f32("logits", 4, 0), TARGETS, 1)),
        new Breach("CrossEntropy: logits is 'logits' F32[4, 9] strides [1, 4], "
                + "needed contiguous elements; copy it first",
            () -> new CrossEntropy(LOSSES, null, f32("logits", 9, 4).transpose(), TARGETS, 1)),
        new Breach("CrossEntropy: losses is 'losses' F32[5], needed shape [4]",
            () -> new CrossEntropy(f32("losses", 5), null, LOGITS, TARGETS, 1)),
        new Breach("CrossEntropy: losses is 'losses' F64[4], needed type F32, which this kernel computes in",
            () -> new CrossEntropy(f64("losses", 4), null, LOGITS, TARGETS, 1)),
        new Breach("CrossEntropy: targets is 'targets' F32[4], needed contiguous I32[4]",
            () -> new CrossEntropy(LOSSES, null, LOGITS, f32("targets", 4), 1)),
        new Breach("CrossEntropy: dLogits is 'dLogits' F32[9, 4], needed shape [4, 9]",
            () -> new CrossEntropy(LOSSES, f32("dLogits", 9, 4), LOGITS, TARGETS, 1)),
        new Breach("CrossEntropy: dLogits 'whole' F32[4, 9] overlaps logits 'whole' F32[4, 9]",
            () -> shiftedGradient()));
  }

  static Stream<Breach> overlaps() {
    return Stream.of(
        new Breach("CrossEntropy: losses 'logits' F32[4] overlaps logits 'logits' F32[4, 9]",
            () -> new CrossEntropy(f32Inside(LOGITS, 4), null, LOGITS, TARGETS, 1)),
        new Breach("CrossEntropy: losses 'dLogits' F32[4] overlaps dLogits 'dLogits' F32[4, 9]",
            () -> new CrossEntropy(f32Inside(D_LOGITS, 4), D_LOGITS, LOGITS, TARGETS, 1)),
        new Breach("CrossEntropy: losses 'losses' F32[4] overlaps targets 'losses' I32[4]",
            () -> new CrossEntropy(LOSSES, D_LOGITS, LOGITS, i32Inside(LOSSES, 4), 1)),
        new Breach("CrossEntropy: dLogits 'dLogits' F32[4, 9] overlaps targets 'dLogits' I32[4]",
            () -> new CrossEntropy(LOSSES, D_LOGITS, LOGITS, i32Inside(D_LOGITS, 4), 1)));
  }

  private static CrossEntropy shiftedGradient() {
    View whole = f32("whole", 5, 9);
    return new CrossEntropy(LOSSES, whole.slice(0, 0, 4), whole.slice(0, 1, 4), TARGETS, 1);
  }

  @Test
  void readsLogitsAndTargetsOnce() {
    assertThat(new CrossEntropy(LOSSES, null, LOGITS, TARGETS, 1).bytes()).isEqualTo(4 * (4 + 36 + 4));
  }

  @Test
  void mayReplaceTheLogits() {
    assertThat(new CrossEntropy(LOSSES, LOGITS, LOGITS, TARGETS, 1).operands())
        .contains(Kernel.Operand.write("dLogits", LOGITS), Kernel.Operand.read("logits", LOGITS));
  }
}
