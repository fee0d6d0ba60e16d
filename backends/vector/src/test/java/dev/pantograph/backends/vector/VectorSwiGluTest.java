package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorSwiGluTest {
  private static final double ERROR = 3e-7;

  private static double logistic(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /** Gate and up side by side; gates spread over the interesting range. */
  private static View both(Operands o, String name, int rows, int width) {
    View both = o.normal(name, rows, 2L * width);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < width; c++) {
        Operands.set(both, 6 * Operands.get(both, r, c), r, c);
      }
    }
    return both;
  }

  private static SwiGlu kernel(Operands o, int rows, int width) {
    View both = both(o, "both", rows, width);
    return new SwiGlu(o.normal("out", rows, width), both.slice(1, 0, width), both.slice(1, width, width));
  }

  private static SwiGluGradient gradientKernel(Operands o, int rows, int width, boolean accumulate) {
    View both = both(o, "both", rows, width);
    View gradients = o.normal("gradients", rows, 2L * width);
    return new SwiGluGradient(gradients.slice(1, 0, width), gradients.slice(1, width, width),
        o.normal("dOut", rows, width), both.slice(1, 0, width), both.slice(1, width, width), accumulate);
  }

  @ParameterizedTest
  @CsvSource({"0,5", "3,0", "1,1", "7,16", "5,17", "301,67", "2,20011"})
  void matchesTheFormula(int rows, int width) {
    var kernel = new AtomicReference<SwiGlu>();
    try (Operands operands = Operands.run(rows + width, 2, o -> {
      kernel.set(kernel(o, rows, width));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      SwiGlu k = kernel.get();
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < width; c++) {
          double gate = Operands.get(k.gate(), r, c);
          double up = Operands.get(k.up(), r, c);
          assertThat(Operands.get(k.out(), r, c)).as("gate %s, up %s", gate, up)
              .isCloseTo(gate * logistic(gate) * up, within(ERROR * Math.max(1, Math.abs(gate)) * Math.abs(up)));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,5,false", "1,1,true", "7,16,false", "5,17,true", "301,67,true", "2,20011,false"})
  void theGradientMatchesTheDerivatives(int rows, int width, boolean accumulate) {
    var kernel = new AtomicReference<SwiGluGradient>();
    try (Operands operands = Operands.run(rows + width, 2, o -> {
      kernel.set(gradientKernel(o, rows, width, accumulate));
      return kernel.get();
    })) {
      SwiGluGradient k = kernel.get();
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < width; c++) {
          double gate = Operands.get(k.gate(), r, c);
          double up = Operands.get(k.up(), r, c);
          double dOut = Operands.get(k.dOut(), r, c);
          double sigma = logistic(gate);
          double oldGate = accumulate ? operands.before(k.dGate(), r, c) : 0;
          double oldUp = accumulate ? operands.before(k.dUp(), r, c) : 0;
          double error = ERROR * Math.max(1, Math.abs(gate)) * Math.abs(dOut);
          assertThat(Operands.get(k.dUp(), r, c)).as("gate %s", gate)
              .isCloseTo(oldUp + dOut * gate * sigma, within(error + ERROR * Math.abs(oldUp)));
          assertThat(Operands.get(k.dGate(), r, c)).as("gate %s", gate)
              .isCloseTo(oldGate + dOut * up * sigma * (1 + gate * (1 - sigma)),
                  within(2 * error * Math.abs(up) + ERROR * Math.abs(oldGate)));
        }
      }
    }
  }

  @Test
  void theBitsDoNotDependOnThreads() {
    Operands.assertSameBitsOnAnyThreads(1, o -> kernel(o, 500, 131));
    Operands.assertSameBitsOnAnyThreads(2, o -> gradientKernel(o, 500, 131, true));
  }
}
