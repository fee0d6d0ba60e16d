package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorCrossEntropyTest {
  private enum Gradient {
    ABSENT,
    ASIDE,
    IN_PLACE
  }

  private static CrossEntropy kernel(Operands o, int rows, int vocabulary, Gradient gradient) {
    View logits = o.normal("logits", rows, vocabulary);
    View dLogits = switch (gradient) {
      case ABSENT -> null;
      case ASIDE -> o.normal("dLogits", rows, vocabulary);
      case IN_PLACE -> logits;
    };
    return new CrossEntropy(
        o.normal("losses", rows), dLogits, logits, o.tokens("targets", vocabulary, rows), 1.0 / Math.max(rows, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "0,3,ASIDE", "1,1,ASIDE", "5,2,IN_PLACE", "3,16,ABSENT", "41,17,ASIDE", "97,257,IN_PLACE", "300,257,ABSENT",
    "2,50021,ASIDE"
  })
  void matchesTheFormula(int rows, int vocabulary, Gradient gradient) {
    var kernel = new AtomicReference<CrossEntropy>();
    try (Operands operands = Operands.run(rows + vocabulary, 2, o -> {
      kernel.set(kernel(o, rows, vocabulary, gradient));
      return kernel.get();
    })) {
      CrossEntropy k = kernel.get();
      KernelTolerance tolerance = KernelTolerance.ofLength(vocabulary);
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        for (int v = 0; v < vocabulary; v++) {
          sum += StrictMath.exp(operands.before(k.logits(), r, v));
        }
        int target = Operands.token(k.targets(), r);
        double loss = StrictMath.log(sum) - operands.before(k.logits(), r, target);
        assertThat(Operands.get(k.losses(), r)).isCloseTo(loss, within(tolerance.of(1 + Math.abs(loss))));
        for (int v = 0; v < vocabulary && k.dLogits() != null; v++) {
          double p = StrictMath.exp(operands.before(k.logits(), r, v)) / sum;
          double expected = k.gradientScale() * (p - (v == target ? 1 : 0));
          assertThat(Operands.get(k.dLogits(), r, v))
              .isCloseTo(expected, within(k.gradientScale() * tolerance.of(p + (v == target ? 1 : 0))));
        }
      }
    }
  }

  @Test
  void greatLogitsDoNotOverflow() {
    var kernel = new AtomicReference<CrossEntropy>();
    try (Operands operands = Operands.run(3, 1, o -> {
      CrossEntropy k = kernel(o, 1, 19, Gradient.ASIDE);
      for (int v = 0; v < 19; v++) {
        Operands.set(k.logits(), v == 4 ? 1e30 : -1e30, 0, v);
      }
      Operands.setToken(k.targets(), 4, 0);
      kernel.set(k);
      return k;
    })) {
      assertThat(operands).isNotNull();
      assertThat(Operands.get(kernel.get().losses(), 0)).isZero();
      assertThat(Operands.getOr(Double.NaN, kernel.get().dLogits(), 0, 4)).isZero();
    }
  }

  @Test
  void aTargetOutsideTheVocabularyIsNamedBeforeAnythingIsWritten() {
    for (int target : new int[] {-1, 7}) {
      var kernel = new AtomicReference<CrossEntropy>();
      assertThatThrownBy(() -> Operands.run(9, 1, o -> {
        kernel.set(kernel(o, 5, 7, Gradient.ASIDE));
        Operands.set(kernel.get().losses(), 42, 0);
        Operands.setToken(kernel.get().targets(), target, 3);
        return kernel.get();
      })).isInstanceOf(KernelException.class).hasMessageContaining("target " + target + " at [3]");
      assertThat(Operands.get(kernel.get().losses(), 0)).isEqualTo(42);
    }
  }

  @Test
  void theBitsDoNotDependOnThreads() {
    Operands.assertSameBitsOnAnyThreads(1, o -> kernel(o, 700, 257, Gradient.IN_PLACE));
  }
}
