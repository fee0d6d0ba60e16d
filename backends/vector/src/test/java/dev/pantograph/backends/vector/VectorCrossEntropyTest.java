package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.CrossEntropy;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class VectorCrossEntropyTest {
  @Test
  void greatLogitsDoNotOverflow() {
    var kernel = new AtomicReference<CrossEntropy>();
    try (Operands operands = Operands.run(3, 1, o -> {
      CrossEntropy k = new CrossEntropy(o.normal("losses", 1), o.normal("dLogits", 1, 19), o.normal("logits", 1, 19),
          o.tokens("targets", 19, 1), 1);
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
}
