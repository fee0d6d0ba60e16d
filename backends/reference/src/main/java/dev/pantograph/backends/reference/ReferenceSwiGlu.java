package dev.pantograph.backends.reference;

import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;

/** {@code gate·σ(gate)·up} and its two derivatives. */
final class ReferenceSwiGlu {
  private ReferenceSwiGlu() {}

  static void run(SwiGlu kernel) {
    Elements out = Elements.of(kernel.out());
    Elements gate = Elements.of(kernel.gate());
    Elements up = Elements.of(kernel.up());
    for (long i = 0; i < kernel.out().elements(); i++) {
      out.set(i, gate.get(i) * logistic(gate.get(i)) * up.get(i));
    }
  }

  static void run(SwiGluGradient kernel) {
    Elements dGate = Elements.of(kernel.dGate());
    Elements dUp = Elements.of(kernel.dUp());
    Elements dOut = Elements.of(kernel.dOut());
    Elements gate = Elements.of(kernel.gate());
    Elements up = Elements.of(kernel.up());
    for (long i = 0; i < kernel.dOut().elements(); i++) {
      double sigma = logistic(gate.get(i));
      double slope = sigma * (1 + gate.get(i) * (1 - sigma));
      double gateGradient = dOut.get(i) * up.get(i) * slope;
      double upGradient = dOut.get(i) * gate.get(i) * sigma;
      dGate.set(i, kernel.accumulate() ? dGate.get(i) + gateGradient : gateGradient);
      dUp.set(i, kernel.accumulate() ? dUp.get(i) + upGradient : upGradient);
    }
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
