package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VectorGeluTest {
  private static final double ERROR = 3e-7;

  private static double gelu(double x, Gelu.Form form) {
    return x * probability(x, form);
  }

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
  @CsvSource({"EXACT,0", "EXACT,1", "EXACT,17", "EXACT,40013", "TANH,0", "TANH,1", "TANH,31", "TANH,40013"})
  void matchesTheFormula(Gelu.Form form, int n) {
    var kernel = new AtomicReference<Gelu>();
    try (Operands operands = Operands.run(n, 2, o -> {
      kernel.set(new Gelu(o.normal("out", n), wide(o, "x", n), form));
      return kernel.get();
    })) {
      for (int i = 0; i < n; i++) {
        double x = Operands.get(kernel.get().x(), i);
        assertThat(Operands.get(kernel.get().out(), i)).as("x = %s", x)
            .isCloseTo(gelu(x, form), within(ERROR * Math.max(1, Math.abs(x))));
      }
      assertThat(operands).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"EXACT,false,1", "EXACT,true,33", "EXACT,false,20011", "TANH,true,1", "TANH,false,33", "TANH,true,20011"})
  void theGradientMatchesTheDerivative(Gelu.Form form, boolean accumulate, int n) {
    var kernel = new AtomicReference<GeluGradient>();
    try (Operands operands = Operands.run(n, 2, o -> {
      kernel.set(new GeluGradient(o.normal("dx", n), o.normal("dOut", n), wide(o, "x", n), form, accumulate));
      return kernel.get();
    })) {
      GeluGradient k = kernel.get();
      for (int i = 0; i < n; i++) {
        double x = Operands.get(k.x(), i);
        double dOut = Operands.get(k.dOut(), i);
        double old = accumulate ? operands.before(k.dx(), i) : 0;
        assertThat(Operands.get(k.dx(), i)).as("x = %s", x)
            .isCloseTo(old + dOut * slope(x, form), within(5e-7 * (Math.abs(dOut) + Math.abs(old))));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void theResultMayReplaceTheOperand(Gelu.Form form) {
    var aside = new AtomicReference<View>();
    var inPlace = new AtomicReference<View>();
    try (Operands first = Operands.run(5, 1, o -> {
          View x = o.normal("x", 77);
          aside.set(o.normal("out", 77));
          return new Gelu(aside.get(), x, form);
        });
        Operands second = Operands.run(5, 1, o -> {
          inPlace.set(o.normal("x", 77));
          return new Gelu(inPlace.get(), inPlace.get(), form);
        })) {
      assertThat(first).isNotSameAs(second);
      for (int i = 0; i < 77; i++) {
        assertThat(Operands.get(inPlace.get(), i)).isEqualTo(Operands.get(aside.get(), i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void theGradientMayReplaceDOut(Gelu.Form form) {
    var kernel = new AtomicReference<GeluGradient>();
    try (Operands operands = Operands.run(6, 1, o -> {
      View d = o.normal("d", 77);
      kernel.set(new GeluGradient(d, d, o.normal("x", 77), form, false));
      return kernel.get();
    })) {
      GeluGradient k = kernel.get();
      for (int i = 0; i < 77; i++) {
        double dOut = operands.before(k.dx(), i);
        assertThat(Operands.get(k.dx(), i))
            .isCloseTo(dOut * slope(Operands.get(k.x(), i), form), within(5e-7 * Math.abs(dOut)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void theBitsDoNotDependOnThreads(Gelu.Form form) {
    Operands.assertSameBitsOnAnyThreads(1, o -> new Gelu(o.normal("out", 70_001), o.normal("x", 70_001), form));
    Operands.assertSameBitsOnAnyThreads(
        2, o -> new GeluGradient(o.normal("dx", 70_001), o.normal("dOut", 70_001), o.normal("x", 70_001), form, true));
  }

  @Test
  void anotherTypeIsRefused() {
    try (HostBuffer buffer = new HostBuffer("x", 80);
        VectorBackend backend = new VectorBackend(1)) {
      View x = View.of(buffer, DType.F64, 0, Shape.of(10));
      assertThatThrownBy(() -> backend.submit(new Gelu(x, x, Gelu.Form.EXACT)))
          .isInstanceOf(KernelException.class).hasMessageContaining("Gelu").hasMessageContaining("F64");
    }
  }

  @ParameterizedTest
  @EnumSource(Gelu.Form.class)
  void onAnArrayItHasTheBitsOfTheKernel(Gelu.Form form) {
    int n = 77;
    int start = 5;
    var kernel = new AtomicReference<Gelu>();
    try (Operands operands = Operands.run(7, 1, o -> {
      kernel.set(new Gelu(o.normal("out", n), wide(o, "x", n), form));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      float[] x = new float[start + n + Lanes.FLOATS.length()];
      for (int i = 0; i < n; i++) {
        x[start + i] = (float) Operands.get(kernel.get().x(), i);
      }
      float[] slopes = x.clone();
      VectorGelu.apply(form, x, start, n);
      VectorGelu.slopes(form, slopes, start, n);
      for (int i = 0; i < n; i++) {
        assertThat(x[start + i]).isEqualTo((float) Operands.get(kernel.get().out(), i));
        double v = Operands.get(kernel.get().x(), i);
        assertThat((double) slopes[start + i]).isCloseTo(slope(v, form), within(5e-7));
      }
      assertThat(x).startsWith(new float[start]);
    }
  }
}
