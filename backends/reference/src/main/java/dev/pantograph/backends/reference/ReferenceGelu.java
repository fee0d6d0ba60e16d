package dev.pantograph.backends.reference;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;

/** {@code x·Φ(x)} and its derivative {@code Φ(x) + x·Φ′(x)}, for both forms of Φ. */
final class ReferenceGelu {
  /** √(2/π). */
  private static final double TANH_SLOPE = Math.sqrt(2 / Math.PI);
  private static final double TANH_CUBIC = 0.044715;

  private ReferenceGelu() {}

  static void run(Gelu kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    for (long i = 0; i < kernel.out().elements(); i++) {
      out.set(i, value(kernel.form(), x.get(i)));
    }
  }

  static void run(GeluGradient kernel) {
    Elements dx = Elements.of(kernel.dx());
    Elements dOut = Elements.of(kernel.dOut());
    Elements x = Elements.of(kernel.x());
    for (long i = 0; i < kernel.dx().elements(); i++) {
      double gradient = dOut.get(i) * slope(kernel.form(), x.get(i));
      dx.set(i, kernel.accumulate() ? dx.get(i) + gradient : gradient);
    }
  }

  static double value(Gelu.Form form, double x) {
    return x * distribution(form, x);
  }

  static double slope(Gelu.Form form, double x) {
    return distribution(form, x) + x * density(form, x);
  }

  /** Φ. The exact form is written with erfc, {@code ½·erfc(−x/√2)}, which keeps its digits for very negative x. */
  private static double distribution(Gelu.Form form, double x) {
    return switch (form) {
      case EXACT -> ErrorFunction.erfc(-x / Math.sqrt(2)) / 2;
      case TANH -> (1 + Math.tanh(TANH_SLOPE * (x + TANH_CUBIC * x * x * x))) / 2;
    };
  }

  /** Φ′. */
  private static double density(Gelu.Form form, double x) {
    return switch (form) {
      case EXACT -> Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case TANH -> {
        double tanh = Math.tanh(TANH_SLOPE * (x + TANH_CUBIC * x * x * x));
        yield (1 - tanh * tanh) * TANH_SLOPE * (1 + 3 * TANH_CUBIC * x * x) / 2;
      }
    };
  }
}
