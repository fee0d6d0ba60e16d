package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorGeluTest {
  private static double probability(double x, Gelu.Form form) {
    double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    return form == Gelu.Form.EXACT ? NormalDistribution.cdf(x) : 0.5 * (1 + StrictMath.tanh(u));
  }

  private static double slope(double x, Gelu.Form form) {
    double p = probability(x, form);
    double uSlope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    return form == Gelu.Form.EXACT ? p + x * NormalDistribution.density(x) : p + x * 2 * p * (1 - p) * uSlope;
  }

  /** Spreads the normal numbers over the interesting range. */
  private static View wide(Operands operands, String name, int n) {
    View x = operands.normal(name, n);
    for (int i = 0; i < n; i++) {
      Operands.set(x, 4 * Operands.get(x, i), i);
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void onAnArrayItHasTheBitsOfTheKernel(Gelu.Form form) {
    int n = 77;
    var kernel = new AtomicReference<Gelu>();
    try (Operands operands = Operands.run(7, 1, o -> {
      kernel.set(new Gelu(o.normal("out", n), wide(o, "x", n), form));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      float[] x = new float[n + Lanes.FLOATS.length()];
      for (int i = 0; i < n; i++) {
        x[i] = (float) Operands.get(kernel.get().x(), i);
      }
      float[] slopes = x.clone();
      VectorGelu.apply(form, x, new float[x.length], n);
      VectorGelu.slope(form).apply(slopes, slopes, n);
      for (int i = 0; i < n; i++) {
        assertThat(x[i]).isEqualTo((float) Operands.get(kernel.get().out(), i));
        double v = Operands.get(kernel.get().x(), i);
        assertThat((double) slopes[i]).isCloseTo(slope(v, form), within(5e-7));
      }
    }
  }
}
