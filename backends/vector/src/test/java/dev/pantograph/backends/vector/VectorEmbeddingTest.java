package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.KernelException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorEmbeddingTest {
  private static final double SCALE = 1.25;

  private static Embedding kernel(Operands o, int batch, int time, int width, int vocabulary, boolean positions) {
    return new Embedding(o.normal("out", batch, time, width), o.tokens("tokens", vocabulary, batch, time),
        o.normal("table", vocabulary, width), positions ? o.normal("positions", time + 2, width) : null, SCALE);
  }

  private static EmbeddingGradient gradientKernel(
      Operands o, int batch, int time, int width, int vocabulary, boolean positions) {
    return new EmbeddingGradient(o.normal("dTable", vocabulary, width),
        positions ? o.normal("dPositions", time + 2, width) : null, o.normal("dOut", batch, time, width),
        o.tokens("tokens", vocabulary, batch, time), SCALE);
  }

  @ParameterizedTest
  @CsvSource({"0,3,4,5,true", "1,1,1,1,true", "2,3,16,5,false", "3,7,37,11,true", "2,130,128,257,true"})
  void looksUpTokensAndPositions(int batch, int time, int width, int vocabulary, boolean positions) {
    var kernel = new AtomicReference<Embedding>();
    try (Operands operands = Operands.run(width, 2, o -> {
      kernel.set(kernel(o, batch, time, width, vocabulary, positions));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      Embedding k = kernel.get();
      for (int b = 0; b < batch; b++) {
        for (int t = 0; t < time; t++) {
          for (int c = 0; c < width; c++) {
            double e = Operands.get(k.table(), Operands.token(k.tokens(), b, t), c);
            double p = Operands.getOr(0, k.positions(), t, c);
            assertThat(Operands.get(k.out(), b, t, c))
                .isCloseTo(SCALE * (e + p), within(KernelTolerance.ofLength(2).of(Math.abs(e) + Math.abs(p))));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,3,4,5,true", "1,1,1,1,true", "2,3,16,5,false", "3,7,37,2,true", "5,61,128,257,true"})
  void theGradientAddsUpByTokenAndPosition(int batch, int time, int width, int vocabulary, boolean positions) {
    var kernel = new AtomicReference<EmbeddingGradient>();
    try (Operands operands = Operands.run(width, 2, o -> {
      kernel.set(gradientKernel(o, batch, time, width, vocabulary, positions));
      return kernel.get();
    })) {
      EmbeddingGradient k = kernel.get();
      double[][] dTable = new double[vocabulary][width];
      double[][] dPositions = new double[time + 2][width];
      for (int b = 0; b < batch; b++) {
        for (int t = 0; t < time; t++) {
          for (int c = 0; c < width; c++) {
            dTable[Operands.token(k.tokens(), b, t)][c] += SCALE * Operands.get(k.dOut(), b, t, c);
            dPositions[t][c] += SCALE * Operands.get(k.dOut(), b, t, c);
          }
        }
      }
      double tolerance = KernelTolerance.ofLength((long) batch * time).of(4.0 * batch * time);
      for (int c = 0; c < width; c++) {
        for (int v = 0; v < vocabulary; v++) {
          assertThat(Operands.get(k.dTable(), v, c))
              .isCloseTo(operands.before(k.dTable(), v, c) + dTable[v][c], within(tolerance));
        }
        for (int t = 0; t < time + 2 && positions; t++) {
          assertThat(Operands.getOr(0, k.dPositions(), t, c))
              .isCloseTo(operands.before(k.dPositions(), t, c) + dPositions[t][c], within(tolerance));
        }
      }
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsNamedBeforeAnythingIsWritten() {
    var kernel = new AtomicReference<Embedding>();
    assertThatThrownBy(() -> Operands.run(9, 1, o -> {
      kernel.set(kernel(o, 2, 5, 7, 11, true));
      Operands.set(kernel.get().out(), 42, 0, 0, 0);
      Operands.setToken(kernel.get().tokens(), 11, 1, 3);
      return kernel.get();
    })).isInstanceOf(KernelException.class).hasMessageContaining("token 11 at [1, 3]");
    assertThat(Operands.get(kernel.get().out(), 0, 0, 0)).isEqualTo(42);
    assertThatThrownBy(() -> Operands.run(9, 1, o -> {
      EmbeddingGradient k = gradientKernel(o, 2, 5, 7, 11, true);
      Operands.setToken(k.tokens(), -5, 0, 4);
      return k;
    })).isInstanceOf(KernelException.class).hasMessageContaining("token -5 at [0, 4]");
  }

  @Test
  void theBitsDoNotDependOnThreads() {
    Operands.assertSameBitsOnAnyThreads(1, o -> kernel(o, 4, 100, 129, 11, true));
    Operands.assertSameBitsOnAnyThreads(2, o -> gradientKernel(o, 4, 100, 129, 11, true));
  }
}
